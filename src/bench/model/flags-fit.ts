import { usageError } from '../../core/errors.js';
import type { BenchRequest } from './request.js';
import { SCENARIOS } from './scenario.js';

/** A flag, what was given for it, and whether the scenario has a use for it. */
type FlagFit = readonly [flag: string, value: unknown, fits: boolean];

/**
 * Refuses flags that a scenario has no use for: a silent one would be taken for a measured one.
 * @throws NatsxError `usage`
 */
export function checkFlagsFit(request: BenchRequest): void {
  const { scenario } = request;
  const unfit = fits(request).find(([, value, fit]) => value !== undefined && !fit);
  if (unfit !== undefined) {
    const with_ = readsForeignStream(request) ? ' with --stream' : '';
    throw usageError(
      `${unfit[0]} means nothing to "bench ${scenario}"${with_} (${SCENARIOS[scenario].summary})`,
      scenario === 'sub' ? 'with --pubs 1 it is fed by this run' : undefined,
    );
  }
  const [flag, count] = measuredCount(request);
  if (request.clients !== undefined && count !== undefined) {
    throw usageError(
      `give either --clients or ${flag}: both say how many ${SCENARIOS[scenario].measured}s there are`,
    );
  }
  if (request.payload !== undefined && request.size !== undefined) {
    throw usageError('give either --size or --payload-file: the file decides the size');
  }
}

/** The other flag for the number of measured clients. */
function measuredCount(request: BenchRequest): readonly [flag: string, count: number | undefined] {
  switch (SCENARIOS[request.scenario].measured) {
    case 'publisher':
    case 'js-publisher':
      return ['--pubs', request.pubs];
    case 'subscriber':
    case 'js-consumer':
    case 'js-getter':
      return ['--subs', request.subs];
    case 'responder':
      return ['--responders', request.responders];
    case 'requester':
      return ['--clients', undefined];
  }
}

function fits(request: BenchRequest): readonly FlagFit[] {
  const { scenario } = request;
  const { measured, sending, jetStream } = SCENARIOS[scenario];
  const own = carriesBodies(request);
  const publishes = measured === 'publisher' || measured === 'js-publisher';
  const windowed = scenario === 'request' || scenario === 'js-pub' || scenario === 'js-get';
  const makesStream = jetStream && !readsForeignStream(request);
  const reads = scenario === 'js-consume' || scenario === 'js-get';
  return [
    ['--pubs', request.pubs, scenario === 'sub' || publishes || sending === 'publisher'],
    ['--subs', request.subs, measured === 'subscriber' || reads],
    ['--responders', request.responders, scenario === 'request' || scenario === 'reply'],
    ['a subject', request.subject, scenario !== 'js-get' || request.stream === undefined],
    ['--subjects', request.subjects, !readsForeignStream(request)],
    ['--size', request.size, own],
    ['--payload-file', request.payload, own],
    ['--header', request.headers, own],
    ['--rate', request.pace, sending !== undefined],
    ['--window', request.window, windowed],
    ['--ack', request.ack, scenario === 'js-consume'],
    ['--batch', request.batch, scenario === 'js-consume'],
    ['--storage', request.storage, makesStream],
    ['--replicas', request.replicas, makesStream],
    ['--stream', request.stream, jetStream],
  ];
}

/** Whether the bodies are this run's own. */
function carriesBodies(request: BenchRequest): boolean {
  if (request.scenario === 'sub') return (request.pubs ?? 0) > 0;
  return request.scenario !== 'reply' && !readsForeignStream(request);
}

function readsForeignStream({ scenario, stream }: BenchRequest): boolean {
  return stream !== undefined && (scenario === 'js-consume' || scenario === 'js-get');
}
