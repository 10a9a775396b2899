import { Command } from '@oclif/core/command';
import type { Input, ParserOutput } from '@oclif/core/interfaces';

import type { ConnectionPolicy } from '../connection/model/connection-policy.js';
import type {
  ConnectionSettings,
  SettingsView,
  SettingValues,
} from '../connection/model/connection-settings.js';
import type { DialOptions } from '../connection/model/dial.js';
import { NatsxError } from '../core/errors.js';
import type { JetStreamScope } from '../connection/model/api-scope.js';
import { jetStreamApiPrefix } from '../connection/model/api-scope.js';
import { parseSubjectPrefix } from '../core/subject/subject-prefix.js';
import type { Client } from '../connection/connect.js';
import { dialOptions } from '../connection/dial-options.js';
import type { PageOrigin } from '../page/document.js';
import type { Style } from './text/style.js';
import { createStyle } from './text/style.js';
import type { GapEffect } from './gap-effect.js';
import { connectionFlags, flagLevel } from './connection-flags.js';
import type { Terminal } from './terminal.js';
import { Lifecycle, StopRequest } from './lifecycle.js';
import { Notices } from './notices.js';
import { outputFlags } from './output-flags.js';
import { unknownFlagsIn } from './parse-failure.js';
import { repeatLine } from './repeat-line.js';
import { Output } from './output.js';
import { wantsColour } from './colour.js';
import { Contexts } from './contexts.js';
import { asNatsxError } from './failure.js';
import {
  effectiveSettings,
  overriddenServer,
  settingsViewOf,
  severalContexts,
  timeoutMsOf,
} from './settings.js';

/** Parsed flags and arguments, as oclif types them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as oclif declares it
type Values = Record<string, any>;

/** The flags that every command has, as parsed. */
interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly 'no-color'?: boolean;
  readonly 'connection-name'?: string;
  readonly 'wait-for-server'?: number;
  readonly 'give-up-after'?: number;
}

/** One of several contexts: how to connect, or why it cannot be used. */
export type ContextDial =
  | {
      readonly context: string;
      readonly dial: DialOptions;
      readonly jetStream: JetStreamScope;
      readonly error: undefined;
    }
  | { readonly context: string; readonly dial: undefined; readonly error: NatsxError };

/** Whether a command ends by itself; one with a goal gives up after `--timeout` without a server. */
export type Endurance = 'goal' | 'endless';

/**
 * The base of all commands: parses the flags once, and provides stdout, stderr, colours, signals and the settings of
 * the connection. Errors are printed in one place, `main.ts`.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = { ...connectionFlags, ...outputFlags };

  protected readonly life = new Lifecycle();
  protected readonly out = new Output(process.stdout, () => this.life.stop('closed-output'));
  protected notices!: Notices;
  /** Colours for stdout. */
  protected style!: Style;
  protected common!: CommonFlags;
  #settings: ConnectionSettings | undefined;
  #dial: DialOptions | undefined;
  #contexts: Contexts | undefined;
  #flags: Readonly<Record<string, unknown>> = {};

  /**
   * Parses the command line; the first thing that `run` does.
   *
   * @throws oclif's parse errors, which `main.ts` prints as usage errors
   */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv).catch((error: unknown) => {
      throw unknownFlagsIn(this.argv, { ...this.ctor.baseFlags, ...this.ctor.flags }) ?? error;
    });
    this.#flags = parsed.flags;
    this.common = parsed.flags as CommonFlags;
    const colour = (stream: NodeJS.WriteStream): boolean =>
      this.common['no-color'] !== true && wantsColour(stream, process.env);
    const verbosity = this.common.quiet ? 'quiet' : this.common.verbose ? 'verbose' : 'normal';
    this.notices = new Notices(process.stderr, createStyle(colour(process.stderr)), verbosity);
    this.style = createStyle(colour(process.stdout));
    if (this.out.isTerminal && this.notices.isTerminal) {
      this.notices.prepareLines(() => this.out.flush());
    }
    return parsed;
  }

  /** stdout, stderr and signals, for code that prints for a command. */
  protected get terminal(): Terminal {
    const { out, notices, style, life } = this;
    return { out, notices, style, life, json: this.common.json === true };
  }

  /** What a page says about where it comes from. */
  protected get origin(): PageOrigin {
    return { command: repeatLine(this.id ?? '', this.argv), version: this.config.version };
  }

  /** The effective connection settings, each with its origin. */
  protected get settings(): ConnectionSettings {
    this.#settings ??= effectiveSettings(this.#flags, process.env);
    return this.#settings;
  }

  /** The contexts, which natsx shares with the nats CLI. */
  protected get contexts(): Contexts {
    this.#contexts ??= new Contexts(process.env['XDG_CONFIG_HOME']);
    return this.#contexts;
  }

  /** The settings on the command line, as a context would store them. */
  protected get flagSettings(): SettingValues {
    return flagLevel(this.#flags).values;
  }

  /** The effective settings, or those of the context `name`. */
  protected settingsView(name: string | undefined): SettingsView {
    return settingsViewOf(this.#flags, process.env, name);
  }

  /** How long to wait for an answer. */
  protected get timeoutMs(): number {
    return timeoutMsOf(this.settings);
  }

  /** Where JetStream's API is. */
  protected get jetStream(): JetStreamScope {
    return jetStreamScopeOf(this.settings);
  }

  /**
   * How to connect to each context of `--context a,b`, or why that one cannot be used; undefined where it is one name.
   * One that fails does not hide the others.
   */
  protected contextDials(): readonly ContextDial[] | undefined {
    const names = severalContexts(this.#flags, process.env);
    return names?.map((context): ContextDial => {
      const flags = { ...this.#flags, context };
      try {
        const settings = effectiveSettings(flags, process.env);
        const options = { name: this.#connectionName, timeoutMs: timeoutMsOf(settings) };
        const dial = dialOptions(settings, options);
        const overridden = overriddenServer(flags, process.env);
        if (overridden !== '') this.notices.warn(overridden);
        const jetStream = jetStreamScopeOf(settings);
        return { context, dial, jetStream, error: undefined };
      } catch (error) {
        return { context, dial: undefined, error: asNatsxError(error) };
      }
    });
  }

  /** How both engines connect. */
  protected dial(): DialOptions {
    if (this.#dial !== undefined) return this.#dial;
    // Settings may name programs that print secrets; each runs once.
    const name = this.#connectionName;
    this.#dial = dialOptions(this.settings, { name, timeoutMs: this.timeoutMs });
    const overridden = overriddenServer(this.#flags, process.env);
    if (overridden !== '') this.notices.warn(overridden);
    return this.#dial;
  }

  /** How to connect to another server, with settings of its own. */
  protected dialTo(settings: ConnectionSettings): DialOptions {
    return dialOptions(settings, { name: this.#connectionName, timeoutMs: this.timeoutMs });
  }

  get #connectionName(): string {
    return this.common['connection-name'] ?? `natsx ${this.id?.replaceAll(':', ' ') ?? ''}`.trim();
  }

  /** How long to keep trying to connect, and what to print on stderr meanwhile. */
  protected policy(endurance: Endurance, after: GapEffect = 'nothing'): ConnectionPolicy {
    const fallback = endurance === 'goal' ? this.timeoutMs : undefined;
    return {
      waitForServerMs: this.common['wait-for-server'] ?? 0,
      giveUpAfterMs: this.common['give-up-after'] ?? fallback,
      onEvent: (event) => this.notices.connection(event, after),
    };
  }

  /** Where and how to open a session. */
  protected target(policy: ConnectionPolicy) {
    return { dial: this.dial(), policy, version: this.config.version };
  }

  /**
   * Opens the `@nats-io` client, passes it to `use`, and closes it in any case.
   *
   * @param use its signal aborts on Ctrl-C, SIGTERM, a closed stdout, or a connection that is lost for good; it should
   *   then return what it has
   * @throws {NatsxError} connection, auth — also if the connection was lost for good while `use` ran
   */
  protected async withClient<R>(
    endurance: Endurance,
    use: (client: Client, signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    // Loading the client takes as long as the rest of a short command, so `--help` must not load it.
    const { connectClient } = await import('../connection/connect.js');
    const client = await connectClient(this.dial(), this.policy(endurance), this.life.signal);
    try {
      const result = await use(client, AbortSignal.any([this.life.signal, client.lost]));
      if (client.lost.aborted) throw client.lost.reason;
      return result;
    } catch (error) {
      // A lost connection is the cause of whatever else failed.
      throw client.lost.aborted ? client.lost.reason : error;
    } finally {
      await client.close();
    }
  }

  /**
   * Fails if a signal ended the command before its goal. A reader of stdout that has gone is not a failure.
   *
   * @throws {NatsxError} interrupted
   */
  protected failIfInterrupted(goal: string): void {
    if (this.life.interruptedBy === undefined) return;
    throw new NatsxError('interrupted', `interrupted before ${goal}`, {
      details: { signal: this.life.interruptedBy },
    });
  }

  /** oclif would print the error here; natsx does that in `main.ts`. */
  protected override async catch(error: Error): Promise<void> {
    if (error instanceof StopRequest && this.life.stopReason === 'closed-output') return;
    await Promise.reject(error);
  }

  protected override async finally(): Promise<void> {
    await this.out.drained();
  }
}

/** @throws {NatsxError} usage — a prefix or domain that cannot be */
function jetStreamScopeOf(settings: ConnectionSettings): JetStreamScope {
  const prefix = settings.get('jsApiPrefix')?.value;
  const domain = settings.get('jsDomain')?.value;
  const eventPrefix = settings.get('jsEventPrefix')?.value;
  return {
    apiPrefix: jetStreamApiPrefix(prefix, domain),
    timeoutMs: timeoutMsOf(settings),
    eventPrefix: eventPrefix && parseSubjectPrefix(eventPrefix, 'prefix of the JetStream events'),
  };
}
