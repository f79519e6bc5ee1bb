<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * The notices that wait to be sent, and what became of the others.
 *
 * A notice is inserted inside the transaction that it tells of, so that both are there or neither. It takes no lock
 * that another customer's request could wait for: rows are only appended, and what is told twice is merged when it
 * is sent. Every other change is one row in one statement, so the sender never holds two locks.
 *
 * Times are UTC. No two senders send one notice at the same time; a sender that died holds its claim for a minute.
 */
class Outbox
{
    public const TABLE = 'sluss_outbox';
    public const TIME = 'Y-m-d H:i:s';
    private const CLAIM_SECONDS = 60;
    private const LONGEST_ERROR = 255;
    private const PURGED_AT_ONCE = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * The new row's number; null when what happens only once was told already.
     */
    public function add(Notice $notice, int $websiteId, \DateTimeImmutable $now): ?int
    {
        $time = $now->format(self::TIME);
        return $this->database->insertUnlessThere($this->table(), [
            'event_id' => EventId::next($now),
            'dedupe_key' => $notice->isOnce() ? "{$notice->type}:{$notice->entityId}:{$websiteId}" : null,
            'event_type' => $notice->type,
            'website_id' => $websiteId,
            'store_id' => $notice->storeId,
            'entity_type' => $notice->entityType,
            'entity_id' => $notice->entityId,
            'urgency' => $notice->urgency(),
            'payload' => Json::of($notice->entity($now)),
            'status' => Status::PENDING,
            'attempts' => 0,
            'changes' => 1,
            'next_attempt_at' => $time,
            'created_at' => $time,
        ]);
    }

    /**
     * Lets a row of one's own tell of one more change; false when it is gone, or a sender has it by now.
     *
     * By its number and not by its event id: by a secondary index, InnoDB would lock the gap beside it as well, where
     * the next checkout inserts. Two that did that ended in a deadlock.
     *
     * @param string|null $entity what it says from now on, as JSON; null leaves it as it is
     */
    public function join(int $id, ?string $entity): bool
    {
        // `changes` makes the row differ, since MySQL counts only rows that do
        return $this->database->change(
            "UPDATE {$this->table()} SET payload = COALESCE(?, payload), changes = changes + 1"
            . ' WHERE id = ? AND status = ? AND attempts = 0 AND locked_until IS NULL',
            [$entity, $id, Status::PENDING]
        ) > 0;
    }

    /**
     * What can be sent now, sales first; of each entity only its oldest notice.
     *
     * @param list<int> $exceptWebsites
     * @return list<Row>
     */
    public function due(\DateTimeImmutable $now, int $limit, array $exceptWebsites = []): array
    {
        $except = $exceptWebsites
            ? ' AND waiting.website_id NOT IN (' . implode(', ', array_map('intval', $exceptWebsites)) . ')'
            : '';
        $table = $this->table();
        $rows = $this->database->rows(
            "SELECT waiting.* FROM {$table} waiting"
            . ' WHERE waiting.status = ? AND waiting.next_attempt_at <= ?'
            . ' AND (waiting.locked_until IS NULL OR waiting.locked_until <= ?)' . $except
            . " AND NOT EXISTS (SELECT 1 FROM {$table} earlier WHERE earlier.entity_type = waiting.entity_type"
            . ' AND earlier.entity_id = waiting.entity_id AND earlier.website_id = waiting.website_id'
            . ' AND earlier.status = ? AND earlier.id < waiting.id)'
            . ' ORDER BY waiting.urgency, waiting.id LIMIT ' . $limit,
            [Status::PENDING, $now->format(self::TIME), $now->format(self::TIME), Status::PENDING]
        );
        return array_map([Row::class, 'of'], $rows);
    }

    /**
     * Takes a row for this sender and counts the attempt; false when another was quicker.
     */
    public function claim(Row $row, \DateTimeImmutable $now): bool
    {
        $until = $now->modify('+' . self::CLAIM_SECONDS . ' seconds');
        try {
            return $this->database->change(
                "UPDATE {$this->table()} SET locked_until = ?, attempts = attempts + 1"
                . ' WHERE id = ? AND status = ? AND attempts = ? AND (locked_until IS NULL OR locked_until <= ?)',
                [
                    $until->format(self::TIME),
                    $row->id,
                    Status::PENDING,
                    $row->attempts,
                    $now->format(self::TIME),
                ]
            ) === 1;
        } catch (RowIsLocked) {
            return false; // the request that wrote it writes it anew, and has not committed yet
        }
    }

    /**
     * Whether a later notice says the same. To be asked about a claimed row: what is told from then on is later.
     */
    public function isTold(Row $row): bool
    {
        return !$row->once && $this->database->rows(
            "SELECT id FROM {$this->table()} WHERE entity_type = ? AND entity_id = ? AND website_id = ?"
            . ' AND status = ? AND event_type = ? AND id > ? LIMIT 1',
            [$row->entityType, $row->entityId, $row->websiteId, Status::PENDING, $row->type, $row->id]
        );
    }

    public function markSent(Row $row, \DateTimeImmutable $now): void
    {
        $this->finish($row, Status::SENT, null, $now);
    }

    public function markMerged(Row $row, \DateTimeImmutable $now): void
    {
        $this->finish($row, Status::MERGED, null, $now);
    }

    public function markDead(Row $row, string $error, \DateTimeImmutable $now): void
    {
        $this->finish($row, Status::DEAD, $error, $now);
    }

    public function postpone(Row $row, \DateTimeImmutable $until, string $error): void
    {
        $this->database->change(
            "UPDATE {$this->table()} SET next_attempt_at = ?, locked_until = NULL, last_error = ?"
            . ' WHERE id = ? AND status = ?',
            [$until->format(self::TIME), $this->shortened($error), $row->id, Status::PENDING]
        );
    }

    /**
     * Puts finished rows back, under new event ids: the receiver remembers the old ones. How many were.
     *
     * @param list<int> $ids
     */
    public function resend(array $ids, \DateTimeImmutable $now): int
    {
        $resent = 0;
        foreach ($ids as $id) {
            $resent += $this->database->change(
                "UPDATE {$this->table()} SET event_id = ?, status = ?, attempts = 0, next_attempt_at = ?,"
                . ' locked_until = NULL, last_error = NULL, finished_at = NULL WHERE id = ? AND status <> ?',
                [EventId::next($now), Status::PENDING, $now->format(self::TIME), $id, Status::PENDING]
            );
        }
        return $resent;
    }

    /**
     * @return list<int>
     */
    public function deadIds(): array
    {
        $rows = $this->database->rows(
            "SELECT id FROM {$this->table()} WHERE status = ? ORDER BY id",
            [Status::DEAD]
        );
        return array_map('intval', array_column($rows, 'id'));
    }

    /**
     * Removes what was finished before that time; how many rows. What is pending is never removed.
     */
    public function purge(int $status, \DateTimeImmutable $before): int
    {
        $purged = 0;
        do {
            $ids = array_column($this->database->rows(
                "SELECT id FROM {$this->table()} WHERE status = ? AND finished_at < ? ORDER BY id LIMIT "
                . self::PURGED_AT_ONCE,
                [$status === Status::PENDING ? -1 : $status, $before->format(self::TIME)]
            ), 'id');
            // by id, so that the gaps where new rows go are not locked
            foreach ($ids as $id) {
                $purged += $this->database->change(
                    "DELETE FROM {$this->table()} WHERE id = ? AND status = ?",
                    [(int) $id, $status]
                );
            }
        } while (count($ids) === self::PURGED_AT_ONCE);
        return $purged;
    }

    /**
     * @return array<int, int> rows by status, every status named
     */
    public function counts(): array
    {
        $counts = array_fill_keys(array_keys(Status::NAMES), 0);
        $rows = $this->database->rows("SELECT status, COUNT(*) AS found FROM {$this->table()} GROUP BY status");
        foreach ($rows as $row) {
            $counts[(int) $row['status']] = (int) $row['found'];
        }
        return $counts;
    }

    /**
     * When the oldest notice that still waits was told, in UTC; null when none does.
     */
    public function waitingSince(): ?\DateTimeImmutable
    {
        $rows = $this->database->rows(
            "SELECT MIN(created_at) AS oldest FROM {$this->table()} WHERE status = ?",
            [Status::PENDING]
        );
        $oldest = $rows[0]['oldest'] ?? null;
        return $oldest === null ? null : new \DateTimeImmutable((string) $oldest, new \DateTimeZone('UTC'));
    }

    private function finish(Row $row, int $status, ?string $error, \DateTimeImmutable $now): void
    {
        $this->database->change(
            "UPDATE {$this->table()} SET status = ?, locked_until = NULL, last_error = ?, finished_at = ?"
            . ' WHERE id = ? AND status = ?',
            [
                $status,
                $error === null ? null : $this->shortened($error),
                $now->format(self::TIME),
                $row->id,
                Status::PENDING,
            ]
        );
    }

    private function shortened(string $error): string
    {
        return mb_substr(mb_scrub($error, 'UTF-8'), 0, self::LONGEST_ERROR, 'UTF-8');
    }

    private function table(): string
    {
        return $this->database->table(self::TABLE);
    }
}
