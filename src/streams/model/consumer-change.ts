/** What was done to a consumer, or would be. */
export interface ConsumerChange {
  readonly action: 'pause' | 'resume' | 'unpin' | 'skip';
  readonly stream: string;
  readonly consumer: string;
  /** False: it was only looked at. */
  readonly applied: boolean;
  /** What it costs, in sentences without a full stop. */
  readonly losses: readonly string[];
  /** Keys as in JSON, with their units. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}
