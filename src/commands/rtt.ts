import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { measureRoundTrips } from '../messaging/run/round-trip.js';
import { BaseCommand } from '../terminal/base-command.js';
import { firstFailure } from '../connection/model/round-trip.js';
import { roundTripJson, roundTripText } from '../terminal/text/round-trip-text.js';

export default class Rtt extends BaseCommand {
  static override summary = 'measure the round-trip time to each server';
  static override description =
    'Sends PINGs to every server of the settings, at each address that its name resolves to. If any of them cannot be reached, the exit code is 3, or 4 if the credentials were refused.';
  static override examples = [
    { description: 'The current server, five PINGs', command: '<%= config.bin %> rtt' },
    {
      description: 'Two servers, ten PINGs each, as JSON',
      command:
        '<%= config.bin %> rtt 10 --server nats://127.0.0.1:4222,nats://localhost:4222 --json',
    },
  ];
  static override args = {
    count: Args.integer({
      description: 'PINGs to each address',
      default: 5,
      min: 1,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    count: Flags.integer({ min: 1, hidden: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rtt);
    const { waitForServerMs, onEvent } = this.policy('goal');
    const count = flags.count ?? args.count;
    const request = { count, version: this.config.version, waitForServerMs, onEvent };
    const servers = await measureRoundTrips(this.dial(), request, this.life.signal);
    if (this.common.json) this.out.json(roundTripJson(servers));
    else this.out.text(roundTripText(servers, { style: this.style, width: this.out.width }));
    this.failIfInterrupted('every server was measured');
    const failure = firstFailure(servers);
    if (failure !== undefined) throw failure;
  }
}
