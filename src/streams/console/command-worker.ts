import type { Answer } from '../../core/message/answer.js';
import type { ReceivedMessage } from '../../core/message/message.js';
import { decodeUtf8, printableText } from '../../core/printable.js';
import { redeliveryDelayMs, type WorkVerdict } from '../../core/message/verdict.js';
import type { Job } from '../../core/message/work.js';
import type { Terminal } from '../../terminal/terminal.js';
import type { CommandPlan } from '../flags/durable-flags.js';
import { RequestCommand } from '../../messaging/console/request-command.js';

/** Handles each message with a program, whose exit code decides whether the message is acknowledged. */
export class CommandWorker {
  readonly #terminal: Terminal;
  readonly #plan: CommandPlan;
  readonly #command: RequestCommand;
  readonly #jobs = new WeakMap<ReceivedMessage, Job>();
  #failed = 0;

  constructor(terminal: Terminal, plan: CommandPlan) {
    this.#terminal = terminal;
    this.#plan = plan;
    this.#command = new RequestCommand({
      command: plan.command,
      limitMs: plan.limitMs,
      onStderr: (line) => terminal.notices.notice(printableText(line)),
      variables: (message) => jobVariables(this.#jobs.get(message)),
    });
  }

  /** Messages whose command failed. */
  get failed(): number {
    return this.#failed;
  }

  readonly run = async (job: Job): Promise<WorkVerdict> => {
    this.#jobs.set(job.message, job);
    // A running command may finish; only a second Ctrl-C ends it.
    const answer = await this.#command.answer(job.message, job.seq, new AbortController().signal);
    const verdict = this.#verdict(answer, job);
    if (answer.error !== undefined) this.#failed += 1;
    this.#print(answer, job, verdict);
    // The output of a command is part of its work: nothing is acknowledged before it is written.
    await this.#terminal.out.drained();
    return this.#terminal.out.closed ? { type: 'nak', delayMs: 0 } : verdict;
  };

  #verdict({ error }: Answer, { delivered, backoffNs }: Job): WorkVerdict {
    const { nakOnError, nakDelayMs } = this.#plan;
    if (error === undefined) return { type: 'ack' };
    if (!nakOnError) return { type: 'leave' };
    return { type: 'nak', delayMs: nakDelayMs ?? redeliveryDelayMs(delivered, backoffNs) };
  }

  #print({ payload, error }: Answer, job: Job, verdict: WorkVerdict): void {
    const { out, json, notices } = this.#terminal;
    const { stream, seq, delivered, message } = job;
    const code = Number(error?.code ?? 0);
    if (json) {
      const text = decodeUtf8(payload);
      out.json({
        subject: message.subject,
        stream,
        seq,
        delivered,
        verdict: verdict.type,
        exit_code: code,
        ...(error !== undefined && { error: error.description }),
        ...(verdict.type === 'nak' && { delay_ms: verdict.delayMs }),
        ...(text === undefined
          ? { output_base64: Buffer.from(payload).toString('base64') }
          : { output: text }),
      });
      return;
    }
    out.bytes(payload);
    if (error === undefined) return;
    notices.warn(
      `message ${seq} of ${stream}, delivery ${delivered}: ${printableText(error.description)}`,
    );
  }
}

function jobVariables(job: Job | undefined): Readonly<Record<string, string>> {
  if (job === undefined) return {};
  return {
    NATS_STREAM: job.stream,
    NATS_CONSUMER: job.consumer,
    NATS_STREAM_SEQUENCE: String(job.seq),
    NATS_DELIVERED: String(job.delivered),
  };
}
