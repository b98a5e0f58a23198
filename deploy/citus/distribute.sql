-- Distributes the service's tables over a Citus cluster (12 or later), by workspace. For psql, on the coordinator, once the service has
-- made its schema there, as the owner of the tables; deploy/citus/README.md says when and how:
--
--   psql "$COORDINATOR" -v shard_count=64 -f deploy/citus/distribute.sql
--
-- All rows of a workspace, of all tables, come to lie on one worker. What is distributed already is left as it is, so that the script can be
-- run again: after an upgrade that brought a new table, or when it was broken off. It moves the rows that there are; it is one transaction,
-- in which receiving waits, so that callbacks go to the spool, and nothing is lost. The tables of the migrations `installation` and `console_keys` stay on the coordinator.

\set ON_ERROR_STOP on
\if :{?shard_count}
\else
    \set shard_count 32
\endif

BEGIN;

-- The one that the others lie beside; the number of shards is its alone to say.
SELECT create_distributed_table('deliveries', 'workspace_id', colocate_with => 'none', shard_count => :shard_count)
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'deliveries'::regclass);

SELECT create_distributed_table('meetings', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'meetings'::regclass);

SELECT create_distributed_table('changes', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'changes'::regclass);

SELECT create_distributed_table('feeds', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'feeds'::regclass);

SELECT create_distributed_table('events', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'events'::regclass);

SELECT create_distributed_table('search', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'search'::regclass);

SELECT create_distributed_table('search_blocks', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'search_blocks'::regclass);

SELECT create_distributed_table('search_segments', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'search_segments'::regclass);

SELECT create_distributed_table('search_postings', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'search_postings'::regclass);

SELECT create_distributed_table('facts', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'facts'::regclass);

SELECT create_distributed_table('unverified_deliveries', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'unverified_deliveries'::regclass);

SELECT create_distributed_table('audit', 'workspace_id', colocate_with => 'deliveries')
WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'audit'::regclass);

COMMIT;

-- Every table of the service, and where it lies: one colocation, or something is wrong.
SELECT table_name, distribution_column, colocation_id, shard_count, table_size
FROM citus_tables
ORDER BY table_name::text;
