import type { UpstreamState } from '../../../streams/model/snapshot.js';
import type { StreamFacts } from '../stream-facts.js';
import { plural, span } from '../../../core/findings/wording.js';
import { shellWord } from '../../../core/shell-word.js';
import type { StreamRule } from './stream-retention.js';

export const mirrorSourceLag: StreamRule = {
  id: 'MIRROR_SOURCE_LAG',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream copies another one and does not keep up, or has lost it. The backlog is upstream.',
  signs:
    'An upstream reports an error, was never heard or not for 10s (then its lag of 0 means nothing), or its lag grows. Critical when it is lost.',
  advice:
    'Look at the network and the permissions between the two, and at the upstream stream itself.',
  test: (facts) => {
    const sick = facts.last.upstreams.map((upstream) => ({
      upstream,
      state: stateOf(facts, upstream),
    }));
    const worst =
      sick.find(({ state }) => state === 'lost') ?? sick.find(({ state }) => state === 'behind');
    if (worst === undefined) return undefined;
    const { upstream, state } = worst;
    return {
      severity: state === 'lost' ? 'critical' : 'warning',
      summary: sentence(upstream, state === 'lost'),
      evidence: {
        kind: upstream.kind,
        upstream: upstream.name,
        lag: upstream.lag,
        silent_ms: upstream.activeMs,
        error: upstream.error,
        external: upstream.external,
      },
    };
  },
  remedy: ({ name, last }) => [
    `natsx stream info ${shellWord(name)}`,
    ...last.upstreams
      .slice(0, 1)
      .map((upstream) => `natsx stream info ${shellWord(upstream.name)}`),
  ],
};

function stateOf(facts: StreamFacts, upstream: UpstreamState): 'fine' | 'behind' | 'lost' {
  if (upstream.error !== undefined && upstream.error !== '') return 'lost';
  // A mirror that was made a moment ago has not been heard yet; that is no fault.
  const age =
    facts.last.createdMs === undefined ? Infinity : facts.last.atMs - facts.last.createdMs;
  const silent = upstream.activeMs ?? age;
  if (silent > facts.thresholds.upstreamSilentMs) return 'lost';
  const before = facts.samples[0]?.upstreams.find(
    ({ name, kind }) => name === upstream.name && kind === upstream.kind,
  );
  return before !== undefined && upstream.lag > 0 && upstream.lag > before.lag ? 'behind' : 'fine';
}

function sentence(upstream: UpstreamState, lost: boolean): string {
  const who = `The ${upstream.kind} ${upstream.name}`;
  if (!lost) return `${who} is ${plural(upstream.lag, 'message')} behind and falls back.`;
  if (upstream.error !== undefined && upstream.error !== '')
    return `${who} fails: ${upstream.error}.`;
  return upstream.activeMs === undefined
    ? `${who} was never heard.`
    : `${who} has been silent for ${span(upstream.activeMs)}; its lag of ${plural(upstream.lag, 'message')} is from before.`;
}
