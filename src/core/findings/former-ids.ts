/** Former ids of causes that were renamed. They are still accepted. */
const FORMER: Readonly<Record<string, string>> = { ACK_WAIT_SHORT: 'ACK_WAIT_TOO_SHORT' };

/** The current id. */
export function currentId(id: string): string {
  return FORMER[id] ?? id;
}
