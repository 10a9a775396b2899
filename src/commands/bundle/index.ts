import { observingFlags } from '../../backlog/flags/options.js';
import { serverFlags, serverReach, withServers } from '../../backlog/console/server-flags.js';
import {
  bundleArg,
  contentFlags,
  lookRequest,
  secretsOf,
} from '../../bundle/flags/bundle-flags.js';
import { listingJson } from '../../bundle/model/manifest.js';
import { takeLook } from '../../bundle/run/take-look.js';
import { listingOf, writeBundle } from '../../bundle/run/write-bundle.js';
import { NewZip } from '../../bundle/run/zip-writer.js';
import { writtenText } from '../../bundle/view/listing-text.js';
import { stretchOf } from '../../history/flags/history-flags.js';
import { HistoryLog } from '../../history/run/log-reader.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class Bundle extends BaseCommand {
  static override summary = 'write what backlog and doctor read into a file, for a ticket';
  static override description = `Reads the whole account once, as natsx backlog and natsx doctor do, and writes it to a zip file, with a history if --history names one. "natsx backlog --bundle FILE" and "natsx doctor --bundle FILE" judge it later, without a server. "natsx bundle ls FILE" lists what is in it.

Secrets are removed: values of metadata keys such as password and token, logins in URLs, JWTs, seeds and bearer tokens in any text. Messages, their headers and configuration files of servers are not in it. --obfuscate also replaces the names of streams, consumers, subjects, clients, servers, accounts and hosts; the verdicts stay the same.`;
  static override examples = [
    { description: 'For a ticket', command: '<%= config.bin %> bundle ticket.zip' },
    {
      description: 'With the last two hours of a history, and no names',
      command: '<%= config.bin %> bundle ticket.zip --history ./history --since 2h --obfuscate',
    },
  ];
  static override args = bundleArg;
  static override flags = { ...contentFlags, ...observingFlags, ...serverFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Bundle);
    const nowMs = Date.now();
    const stretch = stretchOf(flags, nowMs);
    const access = { contexts: this.contexts.store, timeoutMs: this.timeoutMs };
    const reach = serverReach(flags, access, 'bundle');
    const backlog = lookRequest(flags, this.jetStream);
    const audit = {
      scope: this.jetStream,
      maxPerSecond: flags['max-rate'],
      dial: this.dial(),
      ...reach,
    };
    const log = flags.history === undefined ? undefined : await HistoryLog.open(flags.history);
    const zip = await NewZip.prepare(args.file, flags.overwrite);
    const progress = this.notices.progress('reading');
    try {
      const look = await this.withClient('goal', (client, signal) =>
        withServers(flags, { ...access, signal }, (servers) =>
          takeLook(client, { backlog, audit }, signal, { onProgress: progress.update, servers }),
        ),
      );
      const beforeWriting = (): void => this.failIfInterrupted('the bundle was written');
      beforeWriting();
      const plan = {
        look,
        history: log && { log, ...stretch },
        isObfuscated: flags.obfuscate,
        secrets: secretsOf([this.dial(), reach.system?.dial]),
        version: this.config.version,
        nowMs,
      };
      const events = { signal: this.life.signal, onProgress: progress.update, beforeWriting };
      const written = await writeBundle(zip, plan, events);
      progress.stop();
      if (this.common.json) this.out.json(listingJson(args.file, listingOf(written)));
      for (const { what, why, detail } of look.window.missing.slice(0, 5)) {
        this.notices.warn(`not read: ${what} (${why}): ${detail}`);
      }
      this.notices.notice(writtenText(args.file, written));
    } finally {
      progress.stop();
      await zip.close();
    }
  }
}
