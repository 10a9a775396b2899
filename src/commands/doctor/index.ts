import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { offlineFlags } from '../../bundle/flags/bundle-flags.js';
import { auditOfLook } from '../../bundle/model/judge-look.js';
import { readLook } from '../../bundle/run/open-bundle.js';
import { lookNotice } from '../../bundle/view/listing-text.js';
import type { AuditTerms } from '../../doctor/model/audit.js';
import { doctorReport } from '../../doctor/run/doctor.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { checkPageFile, htmlFlag, writePage } from '../../terminal/page-file.js';
import { failOn, givenStreamNames } from '../../doctor/flags/options.js';
import { durationFlag, rateFlag } from '../../terminal/flag-types.js';
import { serverFlags, serverReach, type ServerChoice } from '../../backlog/console/server-flags.js';
import { parseIgnored } from '../../doctor/model/explain.js';
import { auditJson, FAIL_LEVELS, type AuditReport } from '../../doctor/model/report.js';
import { auditText } from '../../doctor/view/doctor-text.js';

/** A repeatable flag with one value each. */
const several = { multiple: true, multipleNonGreedy: true } as const;

export default class Doctor extends BaseCommand {
  static override summary = 'find settings that can lose, duplicate or reorder messages';
  static override description = `Reads the account's streams, consumers and connections, the servers and the user's permissions, and reports what puts messages at risk: loss, duplicates, wrong order, bottlenecks, exposure, availability. Each finding has its numbers and the command that helps. Nothing is changed, and the load is small.

An ordinary account is enough. Servers report their configuration only to the system account (--system-context) or on the monitoring port (--monitor). Anything that could not be read is listed. "natsx doctor explain ID" describes a finding.`;
  static override examples = [
    { description: 'What is wrong here?', command: '<%= config.bin %> doctor' },
    {
      description: 'One stream, where order matters',
      command: '<%= config.bin %> doctor ORDERS --ordered ORDERS',
    },
    {
      description: 'For a pipeline: exit code 9 if anything is critical',
      command: '<%= config.bin %> doctor --fail-on critical --ignore NO_TLS --json',
    },
    {
      description: 'The same for a bundle, without a server',
      command: '<%= config.bin %> doctor --bundle ticket.zip',
    },
  ];
  static override args = {
    stream: Args.string({
      description: 'streams [default: all]',
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    stream: Flags.string({
      ...several,
      helpValue: '<stream>',
      summary: 'the same as the argument',
    }),
    ordered: Flags.string({
      ...several,
      helpValue: '<stream>',
      summary: 'order matters on this stream (also metadata io.natsx.ordered)',
      helpGroup: 'JUDGING',
    }),
    'retries-take': durationFlag({
      default: 30_000,
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      defaultHelp: async () => '30s',
      summary: 'how long publishers retry a message',
      helpGroup: 'JUDGING',
    }),
    ignore: Flags.string({
      ...several,
      helpValue: '<id>',
      summary: 'leave out findings with this id',
      helpGroup: 'JUDGING',
    }),
    'fail-on': Flags.option({
      options: FAIL_LEVELS,
      helpValue: '<info|warning|critical>',
      summary: 'exit with 9 if any finding has this severity or worse',
      helpGroup: 'JUDGING',
    })(),
    ...serverFlags,
    ...offlineFlags,
    window: durationFlag({
      default: 2000,
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      defaultHelp: async () => '2s',
      summary: 'how long to observe',
      helpGroup: 'READING',
    }),
    'max-rate': rateFlag({
      summary: 'maximum requests per second [default: 200 on a cluster]',
      helpGroup: 'READING',
    }),
    ...htmlFlag('OUTPUT'),
    evidence: Flags.boolean({
      summary: 'also print the numbers behind each finding',
      helpGroup: 'OUTPUT',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Doctor);
    checkPageFile(flags.html);
    const streams = givenStreamNames(args.stream, flags.stream);
    const terms = {
      choices: {
        ordered: new Set(givenStreamNames(flags.ordered)),
        retriesTakeMs: flags['retries-take'],
      },
      ignored: parseIgnored(flags.ignore ?? []),
    };
    const report =
      flags.bundle === undefined
        ? await this.#liveReport(streams, terms, flags)
        : await this.#offlineReport(flags.bundle, streams, { terms, account: flags.account });
    if (this.common.json) this.out.json(auditJson(report));
    else {
      const view = { style: this.style, width: this.out.width, evidence: flags.evidence };
      this.out.text(auditText(report, view));
    }
    if (flags.html !== undefined) {
      const { doctorPage } = await import('../../doctor/view/report-page.js');
      await writePage(flags.html, doctorPage(report, this.origin));
    }
    failOn(report, flags['fail-on']);
  }

  async #liveReport(
    streams: readonly string[],
    terms: AuditTerms,
    flags: ServerChoice & { readonly window: number; readonly 'max-rate'?: number | undefined },
  ): Promise<AuditReport> {
    const access = { contexts: this.contexts.store, timeoutMs: this.timeoutMs };
    const request = {
      streams,
      windowMs: flags.window,
      maxPerSecond: flags['max-rate'],
      scope: this.jetStream,
      dial: this.dial(),
      ...serverReach(flags, access, 'doctor'),
      terms,
    };
    const progress = this.notices.progress('reading');
    return this.withClient('goal', (client, signal) =>
      doctorReport(client, request, signal, { onProgress: progress.update }),
    ).finally(progress.stop);
  }

  async #offlineReport(
    file: string,
    streams: readonly string[],
    { terms, account }: { readonly terms: AuditTerms; readonly account: string | undefined },
  ): Promise<AuditReport> {
    const look = await readLook(file, { account });
    this.notices.notice(lookNotice(look.window, file));
    return auditOfLook(look, streams, terms);
  }
}
