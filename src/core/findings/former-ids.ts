/** Earlier ids of the same causes: scripts that use one still get its answer. */
const FORMER: Readonly<Record<string, string>> = { ACK_WAIT_SHORT: 'ACK_WAIT_TOO_SHORT' };

/** The id as it is now. */
export function currentId(id: string): string {
  return FORMER[id] ?? id;
}
