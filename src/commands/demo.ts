import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { findNatsServer } from '../demo/console/find-nats-server.js';
import { playTour } from '../demo/console/tour.js';
import { chosenChapters } from '../demo/model/chapters.js';
import { BaseCommand } from '../terminal/base-command.js';

export default class Demo extends BaseCommand {
  static override summary = 'take a guided tour on a temporary server';
  static override description =
    'Starts a nats-server on a free port of this machine, runs the commands of the tour on it, and shows each with its output. Nothing of it is left afterwards, and no other server is touched. The chapters: 1 publish and subscribe, 2 wildcards, 3 queue group, 4 request and reply, 5 throughput, 6 backlog, 7 recordings, 8 exactly once, 9 a killed server. The nats-server is the one of --nats-server, or the first on PATH.';
  static override strict = false;
  static override examples = [
    { description: 'The whole tour, in less than a minute', command: '<%= config.bin %> demo' },
    { description: 'Only how backlogs are explained', command: '<%= config.bin %> demo 6' },
  ];
  static override args = {
    chapter: Args.string({ description: 'numbers of chapters [default: all]', ignoreStdin: true }),
  };
  static override flags = {
    'nats-server': Flags.string({
      helpValue: '<path>',
      summary: 'program of the nats-server [env: NATSX_NATS_SERVER]',
      env: 'NATSX_NATS_SERVER',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Demo);
    const chapters = chosenChapters(argv as string[]);
    await playTour(this.terminal, { chapters, natsServer: findNatsServer(flags['nats-server']) });
  }
}
