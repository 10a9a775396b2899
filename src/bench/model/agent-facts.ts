/** A machine that runs a share of a load: one row of the report. */
export interface AgentFacts {
  /** Of its service; `natsx service`-compatible tools show the same. */
  readonly id: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of natsx. */
  readonly version: string;
  readonly cores: number;
}

/** How an agent's clock compares with that of the coordinator. */
export interface ClockOffset {
  /** Its time of day minus the coordinator's. */
  readonly offsetNs: number;
  /** How far that may be wrong. */
  readonly boundNs: number;
}
