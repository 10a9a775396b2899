import * as Args from '@oclif/core/args';

import { connectionFilter, connectionFlagsOfList } from '../backlog/flags/connections.js';
import { ConnectionPrinter } from '../backlog/console/connection-printer.js';
import { serverFlags, withServers } from '../backlog/console/server-flags.js';
import {
  accountConnections,
  allConnections,
  connectionLists,
  serverConnections,
  type ConnectionSource,
} from '../backlog/run/connection-list.js';
import { BaseCommand } from '../terminal/base-command.js';

export default class Connections extends BaseCommand {
  static override summary = 'list the clients that are connected to this account';
  static override description =
    'Shows for each client connection its name, address, subscriptions, messages in and out per second, bytes that it has not read yet, how long it has been idle, and its round-trip time, on all servers of the cluster. "In" is what the client sends; "out" is what the server delivers to it. The connection of this command is left out. A user sees the connections of its own account; a user of the system account (--all-accounts or --system-context) and the monitoring ports (--monitor) show those of all accounts. Leaf nodes, routes and gateways are not listed.';
  static override examples = [
    { description: 'Who is connected?', command: '<%= config.bin %> connections' },
    {
      description: 'Who subscribes to orders.new?',
      command: '<%= config.bin %> connections --subject orders.new',
    },
    {
      description: 'Clients that do not read fast enough, live',
      command: '<%= config.bin %> connections --pending --sort pending --watch',
    },
    {
      description: 'Idle for an hour or more, as JSON',
      command: "<%= config.bin %> connections --idle 1h --json | jq -r '.connections[].name'",
    },
  ];
  static override args = {
    name: Args.string({
      description: "the client's name, or a pattern such as billing-*",
      ignoreStdin: true,
    }),
  };
  static override flags = { ...serverFlags, ...connectionFlagsOfList };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Connections);
    const printer = new ConnectionPrinter(this.terminal, {
      filter: connectionFilter(args.name, flags),
      order: flags.sort,
      top: flags.top,
      watch: flags.watch,
    });
    const show = async (source: ConnectionSource, signal: AbortSignal): Promise<void> => {
      for await (const list of connectionLists(source, flags.window, signal)) {
        printer.show(list);
        if (!flags.watch) return;
      }
    };
    const access = {
      contexts: this.contexts.store,
      timeoutMs: this.timeoutMs,
      signal: this.life.signal,
    };
    const progress = this.notices.progress('reading');
    printer.start(() => progress.stop());
    try {
      await withServers(flags, access, (servers) =>
        servers === undefined
          ? this.withClient(flags.watch ? 'endless' : 'goal', ({ connection }, signal) =>
              show(
                flags['all-accounts']
                  ? allConnections(connection)
                  : accountConnections(connection, this.timeoutMs),
                signal,
              ),
            )
          : show(serverConnections(servers), this.life.signal),
      );
    } finally {
      progress.stop();
      printer.stop();
    }
    if (!flags.watch) this.failIfInterrupted('the connections were listed');
  }
}
