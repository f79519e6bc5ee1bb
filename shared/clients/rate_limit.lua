-- Slots of a sliding window, reserved for all processes. The same steps as slots.py, which explains them.
-- KEYS[1] instants that were granted, ascending   KEYS[2] what else is remembered
-- ARGV   step lane rate window margin widest halving horizon ahead share now ages...   (times in µs)
local step, lane = ARGV[1], ARGV[2]
local rate, window, base, widest = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local halving, horizon, ahead = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local share, now = tonumber(ARGV[10]), tonumber(ARGV[11])

if now < 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function whole(number)
  return string.format('%.0f', number)
end

local function known(name)
  return tonumber(redis.call('HGET', KEYS[2], name) or '0')
end

local function note(name, value)
  redis.call('HSET', KEYS[2], name, whole(value))
end

local function margin()
  local wide = known('margin')
  if wide <= base then
    return base
  end
  return base + math.floor((wide - base) * 0.5 ^ ((now - known('widened')) / halving))
end

local function keep()
  redis.call('PEXPIRE', KEYS[1], whole((window + widest + horizon) / 500))
  redis.call('PEXPIRE', KEYS[2], whole(math.max(halving * 20, window + horizon) / 1000))
end

local function forget_the_future()
  local last = redis.call('LINDEX', KEYS[1], -1)
  while last and tonumber(last) > now do
    redis.call('RPOP', KEYS[1])
    last = redis.call('LINDEX', KEYS[1], -1)
  end
end

if step == 'refused' then
  local blocked, closed = known('blocked'), now + tonumber(ARGV[12])
  if now >= blocked then
    note('margin', math.min(widest, math.max(base, margin()) * 2))
    note('widened', now)
  end
  if closed > blocked then
    note('blocked', closed)
    note('epoch', known('epoch') + 1)
    forget_the_future()
  end
  keep()
  return {0, 0, known('epoch')}
end

if step == 'resume' then
  if now >= known('resumed') + window then
    note('resumed', now)
    note('blocked', math.max(known('blocked'), now + window + margin()))
    note('epoch', known('epoch') + 1)
    forget_the_future()
  end
  local instants = redis.call('LRANGE', KEYS[1], 0, -1)
  for position = 12, #ARGV do
    table.insert(instants, now - tonumber(ARGV[position]))
  end
  table.sort(instants, function(a, b) return tonumber(a) < tonumber(b) end)
  redis.call('DEL', KEYS[1])
  for _, instant in ipairs(instants) do
    redis.call('RPUSH', KEYS[1], whole(tonumber(instant)))
  end
  redis.call('LTRIM', KEYS[1], -4 * rate, -1)
  keep()
  return {0, 0, known('epoch')}
end

local span = window + margin()
local last = tonumber(redis.call('LINDEX', KEYS[1], -1) or '0')
local oldest = tonumber(redis.call('LINDEX', KEYS[1], -rate) or '-1')
local grant = math.max(now, known('blocked'), last)
if oldest >= 0 then
  grant = math.max(grant, oldest + span)
end

if lane ~= 'sale' then
  local polite = math.max(grant, last + math.floor(span / rate))
  if lane == 'bulk' then
    polite = math.max(polite, known('settle_waits'))
  end
  if polite - now <= ahead then
    grant = polite
  else
    local owed = known(lane .. '_last') + math.floor(span / share)
    if owed > now then
      local wait = math.min(polite, owed) - now
      if lane == 'settle' then
        note('settle_waits', now + wait + math.floor(span / rate))
      end
      keep()
      return {1, wait, known('epoch')}
    end
  end
end

if lane ~= 'sale' then
  horizon = horizon + span
end
if grant - now > horizon then
  return {2, grant - now, known('epoch')}
end
if lane ~= 'sale' then
  note(lane .. '_last', now)
  if lane == 'settle' then
    note('settle_waits', 0)
  end
end
redis.call('RPUSH', KEYS[1], whole(grant))
redis.call('LTRIM', KEYS[1], -4 * rate, -1)
keep()
return {0, grant - now, known('epoch')}
