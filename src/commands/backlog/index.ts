import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { backlogReport, watchBacklog } from '../../backlog/run/backlog.js';
import { readLive } from '../../backlog/run/live.js';
import {
  backlogRequest,
  doubtNotice,
  failIfRefused,
  failIfUnhealthy,
  failingFlags,
  failLimits,
  backlogReadingFlags,
  rowChoice,
  showingFlags,
  type FailingChoice,
  type ShowingChoice,
} from '../../backlog/flags/options.js';
import { backlogsOf, contextFailures } from '../../backlog/console/contexts.js';
import { printBacklog, printContexts, saveBacklogPage } from '../../backlog/console/printing.js';
import {
  serverFlags,
  withServers,
  type ServerChoice,
  type ServerAccess,
} from '../../backlog/console/server-flags.js';
import type { Serving } from '../../terminal/serve-page.js';
import { BacklogWatch } from '../../backlog/console/watch.js';
import { offlineFlags } from '../../bundle/flags/bundle-flags.js';
import { backlogOfLook } from '../../bundle/model/judge-look.js';
import { readLook, withHistory } from '../../bundle/run/open-bundle.js';
import { lookNotice } from '../../bundle/view/listing-text.js';
import { usageError } from '../../core/errors.js';
import { checkPageFile, htmlFlag } from '../../terminal/page-file.js';
import { BaseCommand, type ContextDial } from '../../terminal/base-command.js';
import { serveFlags } from '../../terminal/listen-flag.js';
import { worstFailure } from '../../terminal/worst-failure.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import type { BacklogRequest } from '../../backlog/model/request.js';
import type { RowChoice } from '../../backlog/model/rows.js';
import { pastFlags } from '../../history/flags/history-flags.js';
import { pastReport } from '../../history/run/past-report.js';
import { pastNotice } from '../../history/view/history-text.js';
import { memoryText } from '../../backlog/view/memory-text.js';

const NO_SCOPE = { apiPrefix: '', timeoutMs: 0 };

export default class Backlog extends BaseCommand {
  static override summary = 'find out which consumers are behind, since when, why, and what to do';
  static override description = `Observes JetStream consumers for a few seconds and reports which of them are behind, how old their oldest unfinished message is, whether the backlog grows or shrinks, when it will be drained, when unread messages are lost, the most likely cause, and the command that helps. Nothing is changed, no consumer is created and no push consumer is touched. If you name a consumer, natsx briefly observes its pull requests to identify its clients.

Without arguments, it shows the whole account; with a stream, the consumers of that stream; with a consumer, all details. Names may be patterns: * matches all, ORD* is a glob, and anything else with special characters is a regular expression. If nothing matches, the exit code is 7. With --context a,b, one table shows the consumers of several contexts. "natsx backlog explain ID" describes a verdict.`;
  static override examples = [
    { description: 'Which consumers are behind?', command: '<%= config.bin %> backlog' },
    {
      description: 'All details of one consumer, observed for half a minute',
      command: '<%= config.bin %> backlog ORDERS billing --window 30s',
    },
    {
      description: 'For a script: exit code 9 if a message has waited for more than five minutes',
      command: "<%= config.bin %> backlog ORDERS --fail-if 'age>5m' --json",
    },
    {
      description: 'A live page for your browser, until Ctrl-C',
      command: '<%= config.bin %> backlog --serve',
    },
    {
      description: 'The same for a bundle of another deployment, without a server',
      command: '<%= config.bin %> backlog --bundle ticket.zip',
    },
  ];
  static override args = {
    stream: Args.string({ description: 'stream, or a pattern', ignoreStdin: true }),
    consumer: Args.string({ description: 'consumer, or a pattern', ignoreStdin: true }),
  };
  static override flags = {
    ...backlogReadingFlags,
    ...serverFlags,
    ...showingFlags,
    ...failingFlags,
    watch: Flags.boolean({
      summary: 'refresh continuously: live on a terminal, otherwise one line per refresh',
      helpGroup: 'OUTPUT',
      exclusive: ['fail-on', 'fail-if'],
    }),
    core: Flags.boolean({
      summary: 'check core NATS only: which connections read too slowly',
      helpGroup: 'READING',
    }),
    ...htmlFlag('OUTPUT', ['watch', 'serve']),
    ...serveFlags(['watch', 'fail-on', 'fail-if']),
    ...pastFlags,
    ...offlineFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Backlog);
    checkPageFile(flags.html);
    const limits = failLimits(flags);
    // Histories and bundles need none.
    const isLive = flags.from === undefined && flags.bundle === undefined;
    const contexts = isLive ? this.contextDials() : undefined;
    // Each of several contexts has its own.
    const isSingle = contexts === undefined && isLive;
    const scope = isSingle ? this.jetStream : NO_SCOPE;
    const request = {
      ...backlogRequest(args, flags, scope),
      namesClients: args.consumer !== undefined,
      judgesConsumers: limits.conditions.length > 0,
    };
    if (contexts !== undefined) return this.#contexts(contexts, request, flags);
    if (flags.bundle !== undefined) {
      const look = await readLook(flags.bundle, flags);
      this.notices.notice(lookNotice(look.window, flags.bundle));
      return this.#print(backlogOfLook(look, request), request, flags);
    }
    if (flags.from !== undefined) {
      const { report, memory } = await withHistory(flags.from, (dir) =>
        pastReport(dir, flags.at, request),
      );
      this.notices.notice(pastNotice(report));
      if (!this.common.json) this.out.text(memoryText(memory, this.style));
      return this.#print(report, request, flags);
    }
    if (flags.serve !== undefined) {
      const serving = { listen: flags.serve, metricsOpen: flags['metrics-open'] };
      return this.#serve(serving, request, rowChoice(flags), flags);
    }
    if (flags.watch) return this.#watch(request, rowChoice(flags), flags);
    const progress = this.notices.progress('reading');
    const onProgress = (text: string): void => progress.update(text);
    const report = await this.withClient('goal', (client, signal) =>
      withServers(flags, this.#serverAccess(signal), (servers) =>
        backlogReport(client.connection, request, signal, { onProgress, servers }),
      ),
    ).finally(() => progress.stop());
    await this.#print(report, request, flags);
  }

  async #print(
    report: BacklogReport,
    request: BacklogRequest,
    flags: ShowingChoice & FailingChoice & { readonly html?: string | undefined },
  ): Promise<void> {
    await printBacklog(this.terminal, report, request, rowChoice(flags));
    await saveBacklogPage(flags.html, report, rowChoice(flags), this.origin);
    failIfRefused(report);
    const limits = failLimits(flags);
    const doubt = doubtNotice(report, limits);
    if (doubt !== undefined) this.notices.notice(doubt);
    failIfUnhealthy(report, limits);
  }

  #serverAccess(signal: AbortSignal): ServerAccess {
    return { contexts: this.contexts.store, timeoutMs: this.timeoutMs, signal };
  }

  /** All at the same time; one that fails does not hide the others, and the worst failure decides the exit code. */
  async #contexts(
    contexts: readonly ContextDial[],
    request: BacklogRequest,
    flags: ServerChoice &
      ShowingChoice &
      FailingChoice & {
        readonly watch: boolean;
        readonly serve?: unknown;
        readonly html?: unknown;
      },
  ): Promise<void> {
    const single = [
      flags.watch ? '--watch' : undefined,
      flags.serve === undefined ? undefined : '--serve',
      flags['system-context'] === undefined ? undefined : '--system-context',
      flags.monitor === undefined ? undefined : '--monitor',
      flags.html === undefined ? undefined : '--html',
    ].find((flag) => flag !== undefined);
    if (single !== undefined) {
      throw usageError(`${single} works with a single context`, 'give one name to --context');
    }
    const progress = this.notices.progress('reading');
    // Several contexts have no settings in common.
    const policy = this.policy('endless');
    const backlogs = await backlogsOf(contexts, {
      request,
      policy,
      signal: this.life.signal,
    }).finally(() => progress.stop());
    printContexts(this.terminal, backlogs, request, rowChoice(flags));
    this.failIfInterrupted('every context was read');
    const worst = worstFailure(contextFailures(backlogs, failLimits(flags)), this.notices);
    if (worst !== undefined) throw worst;
  }

  async #watch(
    request: BacklogRequest,
    choice: RowChoice,
    serverChoice: ServerChoice,
  ): Promise<void> {
    const watch = new BacklogWatch(this.terminal, request, choice, () => this.life.stop('SIGINT'));
    await this.withClient('endless', async (client, signal) => {
      watch.start();
      try {
        await withServers(serverChoice, this.#serverAccess(signal), async (servers) => {
          const reports = watchBacklog(client.connection, request, signal, { servers });
          for await (const report of reports) watch.show(report);
        });
      } finally {
        watch.stop();
      }
    });
  }

  async #serve(
    serving: Serving,
    request: BacklogRequest,
    choice: RowChoice,
    serverChoice: ServerChoice,
  ): Promise<void> {
    // The page and its plots are loaded only here.
    const { backlogPage, servePage } = await import('../../backlog/console/serve.js');
    const page = backlogPage({ windowMs: request.windowMs, choice, origin: this.origin });
    await servePage(page, serving, this.terminal, (ready) =>
      this.withClient('endless', (client, signal) => {
        ready();
        return withServers(serverChoice, this.#serverAccess(signal), (servers) =>
          readLive(client.connection, request, page, { signal, servers }),
        );
      }),
    );
  }
}
