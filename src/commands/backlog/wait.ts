import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { backlogRequest, failIfRefused } from '../../backlog/flags/options.js';
import { parseFailCondition } from '../../backlog/model/fail-condition.js';
import { unmetText } from '../../backlog/model/wait.js';
import { waitForBacklog, type WaitOutcome } from '../../backlog/run/wait.js';
import { reachedText, waitJson, waitProgress } from '../../backlog/view/wait-text.js';
import type { DialOptions } from '../../connection/model/dial.js';
import { NatsxError } from '../../core/errors.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { positiveWaitFlag } from '../../terminal/flag-types.js';
import { shellWord } from '../../core/printable.js';

const DEFAULT_TIMEOUT_MS = 600_000;
/** A single request does not wait as long as the whole command. */
const REQUEST_TIMEOUT_MS = 5_000;
/** Two readings in it, so every second. */
const WINDOW_MS = 2_000;

export default class BacklogWait extends BaseCommand {
  static override summary = 'wait until a backlog is drained, or until another condition is true';
  static override description =
    'Reads the consumer, or all consumers of the stream, every second, and exits with 0 as soon as all conditions of --until are true for all of them. Exits with 5, naming what is left, if that does not happen in time, and with 7 if the stream or consumer does not exist. If the connection is lost, natsx reconnects and keeps waiting. Consumers marked with the metadata io.natsx.ignore count only if they are given by name.';
  static override examples = [
    {
      description: 'Before a deployment: wait until the worker has finished everything',
      command: '<%= config.bin %> backlog wait ORDERS billing --timeout 10m',
    },
    {
      description: 'Wait until nothing is older than a minute on the whole stream',
      command: "<%= config.bin %> backlog wait ORDERS --until 'age<1m' --timeout 1h",
    },
  ];
  static override args = {
    stream: Args.string({ description: 'stream, or a pattern', required: true, ignoreStdin: true }),
    consumer: Args.string({
      description: 'consumer, or a pattern [default: all]',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    until: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      default: ['backlog<1'],
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      defaultHelp: async () => 'backlog<1',
      helpValue: '<comparison>',
      summary: "condition, such as 'backlog<100', 'pending<1' or 'age<1m' (repeatable)",
    }),
    timeout: positiveWaitFlag({ summary: 'give up after this long [default: 10m]' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BacklogWait);
    const conditions = flags.until.map(parseFailCondition);
    const scope = { ...this.jetStream, timeoutMs: REQUEST_TIMEOUT_MS };
    const reading = { window: WINDOW_MS, taps: false };
    const request = { ...backlogRequest(args, reading, scope), judgesConsumers: true };
    const timeoutMs = flags.timeout ?? DEFAULT_TIMEOUT_MS;
    const progress = this.notices.progress('reading');
    const startMs = performance.now();
    let isFirst = true;
    const outcome = await this.withClient('endless', (client, signal) =>
      waitForBacklog(
        client.connection,
        request,
        {
          conditions,
          timeoutMs,
          onReading: (report, state) => {
            if (isFirst) failIfRefused(report);
            if (isFirst && state.left.length > 0)
              this.notices.notice(`waiting until ${unmetText(state)}`);
            isFirst = false;
            progress.update(waitProgress(state, performance.now() - startMs));
          },
        },
        signal,
      ),
    ).finally(() => progress.stop());
    if (this.common.json) this.out.json(waitJson(outcome, flags.until));
    if (!outcome.met) {
      this.failIfInterrupted('the conditions were true');
      throw this.#notReached(outcome, timeoutMs);
    }
    const target = [args.stream, args.consumer].filter((name) => name !== undefined).join(' ');
    if (outcome.state !== undefined && !this.common.json) {
      this.notices.notice(reachedText(outcome.state, flags.until, target, outcome.waitedMs));
    }
  }

  /** Connecting does not take as long as waiting may. */
  protected override dial(): DialOptions {
    return { ...super.dial(), timeoutMs: REQUEST_TIMEOUT_MS };
  }

  #notReached({ state }: WaitOutcome, timeoutMs: number): NatsxError {
    const [first] = state?.left ?? [];
    const what = state === undefined ? 'nothing could be read' : unmetText(state);
    return new NatsxError('timeout', `not reached within ${formatDurationMs(timeoutMs)}: ${what}`, {
      ...(first === undefined
        ? {}
        : {
            hint: `natsx backlog ${shellWord(first.stream)} ${shellWord(first.consumer)} shows why`,
            details: {
              stream: first.stream,
              consumer: first.consumer,
              condition: first.condition,
              left: state?.left.length ?? 0,
            },
          }),
    });
  }
}
