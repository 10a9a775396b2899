/**
 * Whether colours go to a stream: `NO_COLOR` and `TERM=dumb` forbid them, `FORCE_COLOR` asks for them
 * wherever the output goes, otherwise a terminal gets them.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv,
): boolean {
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}
