/**
 * Whether to use colours on a stream: not with `NO_COLOR` or `TERM=dumb`, always with `FORCE_COLOR`, otherwise on
 * terminals.
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
