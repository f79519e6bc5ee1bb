<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\Database;

/**
 * The module's tables in SQLite, as etc/db_schema.xml declares them.
 */
class SqliteDatabase implements Database
{
    private const SCHEMA = __DIR__ . '/../../Sluss/Connector/etc/db_schema.xml';
    private const PREFIX = 'shop_';

    public readonly \PDO $pdo;

    public function __construct(string $file = ':memory:')
    {
        $this->pdo = new \PDO("sqlite:{$file}");
        $this->pdo->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
        foreach (simplexml_load_file(self::SCHEMA)->table as $table) {
            $this->create($table);
        }
    }

    public function table(string $name): string
    {
        return self::PREFIX . $name;
    }

    public function rows(string $sql, array $values = []): array
    {
        return $this->run($sql, $values)->fetchAll(\PDO::FETCH_ASSOC);
    }

    public function change(string $sql, array $values = []): int
    {
        return $this->run($sql, $values)->rowCount();
    }

    public function insertUnlessThere(string $table, array $row): ?int
    {
        $names = implode(', ', array_keys($row));
        $places = implode(', ', array_fill(0, count($row), '?'));
        $added = $this->change("INSERT OR IGNORE INTO {$table} ({$names}) VALUES ({$places})", array_values($row));
        return $added > 0 ? (int) $this->pdo->lastInsertId() : null;
    }

    private function run(string $sql, array $values): \PDOStatement
    {
        $statement = $this->pdo->prepare($sql);
        $statement->execute($values);
        return $statement;
    }

    private function create(\SimpleXMLElement $table): void
    {
        $parts = [];
        foreach ($table->column as $column) {
            $identity = (string) $column['identity'] === 'true';
            $default = isset($column['default']) ? " DEFAULT {$column['default']}" : '';
            $null = (string) $column['nullable'] === 'false' ? ' NOT NULL' : '';
            $type = str_contains((string) $column->attributes('xsi', true)['type'], 'int') ? 'INTEGER' : 'TEXT';
            $rest = $identity ? ' PRIMARY KEY AUTOINCREMENT' : "{$null}{$default}";
            $parts[] = "{$column['name']} {$type}{$rest}";
        }
        foreach ($table->xpath('constraint[column]') as $constraint) {
            $type = $constraint->attributes('xsi', true)['type'];
            if ((string) $type === 'unique') {
                $parts[] = 'UNIQUE (' . implode(', ', array_map('strval', $constraint->xpath('column/@name'))) . ')';
            }
        }
        $name = $this->table((string) $table['name']);
        $this->pdo->exec("CREATE TABLE IF NOT EXISTS {$name} (" . implode(', ', $parts) . ')');
    }
}
