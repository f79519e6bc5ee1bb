<?php

declare(strict_types=1);

namespace Magento\Framework\DB\Adapter;

interface AdapterInterface
{
    public function fetchAll($sql, $bind = [], $fetchMode = null);

    public function query($sql, $bind = []);

    public function lastInsertId($tableName = null, $primaryKey = null);

    public function quoteIdentifier($ident, $auto = false);
}
