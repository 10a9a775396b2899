import { connectClient } from '../../connection/connect.js';
import type { ConnectionPolicy } from '../../connection/model/connection-policy.js';
import type { NatsxError } from '../../core/errors.js';
import type { ContextDial } from '../../terminal/base-command.js';
import { asNatsxError } from '../../terminal/failure.js';
import type { ContextFailure } from '../../terminal/worst-failure.js';
import { failIfRefused, failIfUnhealthy, type FailLimits } from '../flags/options.js';
import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import { backlogReport } from '../run/backlog.js';
import type { ContextBacklog } from '../view/contexts.js';

interface ContextReading {
  /** Its scope is that of each context. */
  readonly request: BacklogRequest;
  readonly policy: ConnectionPolicy;
  readonly signal: AbortSignal;
}

/** Reads several contexts at the same time. One that fails has its error. */
export async function backlogsOf(
  contexts: readonly ContextDial[],
  reading: ContextReading,
): Promise<readonly ContextBacklog[]> {
  return Promise.all(
    contexts.map(async (one): Promise<ContextBacklog> => {
      const { context } = one;
      if (one.dial === undefined) return { context, report: undefined, error: one.error };
      try {
        return { context, report: await readContext(one, reading), error: undefined };
      } catch (error) {
        return { context, report: undefined, error: asNatsxError(error) };
      }
    }),
  );
}

async function readContext(
  { dial, jetStream }: Extract<ContextDial, { readonly error: undefined }>,
  { request, policy, signal }: ContextReading,
): Promise<BacklogReport> {
  const { giveUpAfterMs = dial.timeoutMs } = policy;
  const client = await connectClient(dial, { ...policy, giveUpAfterMs }, signal);
  try {
    const lost = AbortSignal.any([signal, client.lost]);
    const report = await backlogReport(client.connection, { ...request, scope: jetStream }, lost);
    if (client.lost.aborted) throw client.lost.reason;
    return report;
  } catch (error) {
    // A lost connection is the cause of whatever else failed.
    throw client.lost.aborted ? client.lost.reason : error;
  } finally {
    await client.close();
  }
}

/** What the exit code is decided by, for each context. */
export function contextFailures(
  backlogs: readonly ContextBacklog[],
  limits: FailLimits,
): readonly ContextFailure[] {
  return backlogs.flatMap(({ context, report, error }) => {
    const failure: NatsxError | undefined = error ?? failureOf(report, limits);
    return failure === undefined ? [] : [{ context, error: failure }];
  });
}

function failureOf(report: BacklogReport, limits: FailLimits): NatsxError | undefined {
  try {
    failIfRefused(report);
    failIfUnhealthy(report, limits);
    return undefined;
  } catch (error) {
    return asNatsxError(error);
  }
}
