import type { DialOptions } from '../../connection/model/dial.js';
import { NatsxError } from '../../core/errors.js';
import { maxSize } from '../model/size-mix.js';
import type { BenchPlan } from '../model/plan.js';
import type { BenchServer } from '../model/report.js';
import { headersBlockOf } from './frame-block.js';
import type { Lane } from '../../wire/lane.js';
import { openLane } from '../../wire/open-lane.js';
import { RequestMux } from '../../wire/request-mux.js';

/** The run's connection for everything that is not measured. */
export interface ControlLine {
  readonly lane: Lane;
  readonly requests: RequestMux;
  readonly server: BenchServer;
  readonly tls: boolean;
  /** Called when a pending request will get no reply: the server rejects a publish without one. */
  readonly failures: Set<(error: NatsxError) => void>;
}

export interface ControlOptions {
  readonly dial: DialOptions;
  readonly version: string;
}

const PROBES = 5;

/**
 * Connects, reads the server's info, and measures the round trip.
 * @throws {NatsxError} connection, auth, timeout
 */
export async function openControlLine(options: ControlOptions): Promise<ControlLine> {
  const { dial, version } = options;
  const failures: ControlLine['failures'] = new Set();
  const report = (error: NatsxError | undefined): void => {
    if (error === undefined) return;
    for (const listener of [...failures]) listener(error);
  };
  const handlers = { asyncError: report, closed: report };
  const lane = await openLane({ ...dial, name: `${dial.name} control` }, { version, ...handlers });
  let roundTripNs = Infinity;
  for (let probe = 0; probe < PROBES; probe++) {
    roundTripNs = Math.min(roundTripNs, await lane.rttNs(dial.timeoutMs));
  }
  const { info } = lane;
  return {
    lane,
    requests: new RequestMux(lane, dial.inboxPrefix),
    server: {
      version: info.version ?? 'unknown',
      name: info.server_name ?? 'unknown',
      cluster: info.cluster,
      local: isLoopback(lane.server),
      roundTripNs: Math.round(roundTripNs),
    },
    failures,
    tls: dial.tls !== undefined || info.tls_required === true,
  };
}

function isLoopback(server: string): boolean {
  return /^(127\.|localhost:|\[::1\])/.test(server);
}

/** @throws {NatsxError} rejected — a message exceeds the server's limit */
export function checkPayloadFits(plan: BenchPlan, lane: Lane): void {
  const limit = lane.info.max_payload ?? Infinity;
  const headers = headersBlockOf(plan)?.length ?? 0;
  const largest = maxSize(plan.size) + headers;
  if (largest <= limit) return;
  throw new NatsxError(
    'rejected',
    `a message of ${largest} bytes${headers > 0 ? ' with its headers' : ''} exceeds the server's limit of ${limit} bytes`,
    {
      hint: 'choose a smaller --size, or raise max_payload on the server',
      details: { size_bytes: largest, max_payload_bytes: limit },
    },
  );
}
