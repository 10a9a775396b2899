/** The headers of an atomic batch (ADR-50). */
export const BATCH_ID = 'Nats-Batch-Id';
export const BATCH_SEQUENCE = 'Nats-Batch-Sequence';
export const BATCH_COMMIT = 'Nats-Batch-Commit';
