import { readFileSync } from 'node:fs';

import type { Node } from 'yaml';

import type { BenchFlags } from '../flags/flags.js';
import { makePlan, OPEN_WINDOW } from '../model/make-plan.js';
import type { BenchPlan } from '../model/plan.js';
import { checkThresholds, parseBenchThreshold } from '../model/report-thresholds.js';
import type { BenchRequest } from '../model/request.js';
import type { Stage } from '../model/run.js';
import { SCENARIOS, scenariosWhere } from '../model/scenario.js';
import type { Scenario } from '../model/scenario.js';
import { fileReason } from '../../connection/file-error.js';
import { usageError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { parseCount } from '../../core/values/count.js';
import { parseDurationMs } from '../../core/values/duration.js';
import type { TargetRate } from '../../core/values/pace.js';
import { parseRate } from '../../core/values/rate.js';
import type { Threshold } from '../../core/values/threshold.js';
import { PlanDocument } from './plan-document.js';
import type { PlanEntry } from './plan-document.js';
import { benchRequest } from './request.js';

/** One scenario of a plan file. */
export interface PlannedScenario {
  readonly name: string;
  readonly scenario: Scenario;
  /** Whether it lasts as long as the others. */
  readonly background: boolean;
  readonly useExisting: boolean;
  readonly request: BenchRequest;
  readonly stages: readonly Stage[];
}

/** How the value of a flag is read. */
type FlagReader = (text: string) => unknown;

const wholeNumber: FlagReader = (text) => {
  if (!/^-?\d+$/.test(text)) throw usageError(`${quoted(text)} is not a whole number`);
  return Number(text);
};
const oneOf =
  (...values: readonly string[]): FlagReader =>
  (text) => {
    if (values.includes(text)) return text;
    throw usageError(`${quoted(text)} is not one of ${values.join(', ')}`);
  };
const yesOrNo: FlagReader = (text) => oneOf('true', 'false')(text) === 'true';
const asIs: FlagReader = (text) => text;

/** The flags of a scenario by their long names, with the values of the command line. */
const FLAGS: Readonly<Record<string, FlagReader>> = {
  engine: oneOf('wire', 'client'),
  clients: wholeNumber,
  pubs: wholeNumber,
  subs: wholeNumber,
  responders: wholeNumber,
  workers: wholeNumber,
  subjects: wholeNumber,
  msgs: parseCount,
  duration: parseDurationMs,
  warmup: parseDurationMs,
  idle: parseDurationMs,
  delay: parseDurationMs,
  size: asIs,
  'payload-file': asIs,
  'random-seed': wholeNumber,
  schedule: oneOf('constant', 'poisson'),
  window: wholeNumber,
  ack: oneOf('none', 'explicit', 'all'),
  batch: wholeNumber,
  stream: asIs,
  storage: oneOf('file', 'memory'),
  replicas: wholeNumber,
  'use-existing': yesOrNo,
};
const KEYS = [
  ...['name', 'scenario', 'subject', 'background', 'stages', 'rate', 'header', 'fail-if'],
  ...Object.keys(FLAGS),
];
const STAGE_KEYS = ['name', 'duration', 'rate', 'fail-if'];
const HINT = 'docs/bench-agents.md describes plans: scenarios: [{scenario: pub, duration: 10s}]';

/**
 * Reads a plan: YAML, or JSON, which is a part of it.
 * @throws {NatsxError} usage — `FILE:LINE:COLUMN: what is wrong`
 */
export function readPlanFile(file: string): readonly PlannedScenario[] {
  return new PlanReader(new PlanDocument(file, textOf(file))).read();
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(`cannot read the plan ${quoted(file)}: ${fileReason(cause)}`);
  }
}

class PlanReader {
  readonly #document: PlanDocument;

  constructor(document: PlanDocument) {
    this.#document = document;
  }

  read(): readonly PlannedScenario[] {
    const document = this.#document;
    const [list] = document.entries(document.root, 'a plan', ['scenarios']);
    if (list === undefined) throw document.error(document.root, 'the plan has no scenarios', HINT);
    const names = new Set<string>();
    const planned = document.items(list).map((item, at) => {
      const scenario = this.#scenario(item, at);
      if (names.has(scenario.name)) {
        const place = this.#entriesOf(item).get('name')?.value ?? item;
        throw document.error(place, `two scenarios have the name ${quoted(scenario.name)}`);
      }
      names.add(scenario.name);
      return scenario;
    });
    if (planned.every(({ background }) => background)) {
      throw document.error(list.value, 'all scenarios are in the background: the plan has no end');
    }
    return planned;
  }

  #entriesOf(node: Node): ReadonlyMap<string, PlanEntry> {
    const entries = this.#document.entries(node, 'a scenario', KEYS);
    return new Map(entries.map((entry) => [entry.key, entry]));
  }

  #scenario(node: Node, at: number): PlannedScenario {
    const document = this.#document;
    const entries = this.#entriesOf(node);
    const scenario = this.#kind(node, entries.get('scenario'));
    const named = entries.get('name');
    const name = named === undefined ? `${scenario} ${at + 1}` : document.text(named);
    const inBackground = entries.get('background');
    const background = inBackground !== undefined && document.value(inBackground, yesOrNo) === true;
    const stageList = entries.get('stages');
    for (const key of ['duration', 'msgs']) {
      const entry = entries.get(key);
      if (stageList === undefined || entry === undefined) continue;
      throw document.error(entry.keyNode, `${key} does not go with stages, which have their own`);
    }
    const { flags, rate } = this.#flags(entries);
    const stageRates = stageList === undefined ? [] : this.#stageRates(stageList);
    const anyRate = [rate, ...stageRates].find((one) => one !== undefined);
    const isWindowed = SCENARIOS[scenario].window !== undefined;
    const request = this.#placedAtFlag(node, entries, (): BenchRequest => {
      const subject = entries.get('subject');
      return {
        ...benchRequest(scenario, subject && document.text(subject), flags),
        warmupMs: flags.warmup ?? 0,
        pace: anyRate,
        window: flags.window ?? (isWindowed && anyRate !== undefined ? OPEN_WINDOW : undefined),
      };
    });
    const plan = this.#placedAtFlag(node, entries, () => makePlan(request));
    const thresholds = this.#thresholds(entries.get('fail-if'), plan);
    const stages =
      stageList === undefined
        ? [onlyStage(name, plan, background)]
        : this.#stages(stageList, { plan, rate, background });
    return {
      name,
      scenario,
      background,
      useExisting: flags['use-existing'] ?? false,
      request: stageList === undefined ? request : { ...request, pace: rate },
      stages: stages.map((stage) => ({
        ...stage,
        thresholds: [...stage.thresholds, ...thresholds],
      })),
    };
  }

  #kind(node: Node, entry: PlanEntry | undefined): Scenario {
    const document = this.#document;
    if (entry === undefined) throw document.error(node, 'the key "scenario" is missing', HINT);
    const scenario = document.text(entry);
    if (Object.hasOwn(SCENARIOS, scenario)) return scenario as Scenario;
    throw document.error(
      entry.value,
      `${quoted(scenario)} is not a scenario`,
      `choose one of ${scenariosWhere(() => true).join(', ')}`,
    );
  }

  #flags(entries: ReadonlyMap<string, PlanEntry>): {
    readonly flags: BenchFlags;
    readonly rate: TargetRate | undefined;
  } {
    const document = this.#document;
    const values: Record<string, unknown> = {};
    for (const [key, read] of Object.entries(FLAGS)) {
      const entry = entries.get(key);
      if (entry !== undefined) values[key] = document.value(entry, read);
    }
    const header = entries.get('header');
    if (header !== undefined) values['header'] = document.texts(header).map(({ text }) => text);
    const flags = values as BenchFlags;
    const rate = entries.get('rate');
    const kind = flags.schedule ?? 'constant';
    return {
      flags,
      rate: rate === undefined ? undefined : { ...document.value(rate, constantRate), kind },
    };
  }

  /** Rates of the stages, only to know whether there are any. */
  #stageRates(list: PlanEntry): readonly (TargetRate | undefined)[] {
    return this.#document.items(list).map((item) => {
      const entries = this.#document.entries(item, 'a stage', STAGE_KEYS);
      const rate = entries.find(({ key }) => key === 'rate');
      return rate && this.#document.value(rate, (text) => stageRate(text, 1));
    });
  }

  #stages(
    list: PlanEntry,
    load: {
      readonly plan: BenchPlan;
      readonly rate: TargetRate | undefined;
      readonly background: boolean;
    },
  ): readonly Stage[] {
    const document = this.#document;
    const items = document.items(list);
    return items.map((item, at): Stage => {
      const entries = document.entries(item, 'a stage', STAGE_KEYS);
      const get = (key: string): PlanEntry | undefined =>
        entries.find((entry) => entry.key === key);
      const [named, duration, rate] = [get('name'), get('duration'), get('rate')];
      const lastsOn = load.background && at === items.length - 1;
      if (duration === undefined && !lastsOn) {
        throw document.error(item, 'the stage has no duration', 'write for example duration: 30s');
      }
      const durationMs =
        duration === undefined ? Infinity : document.value(duration, positiveDurationMs);
      const kind = load.plan.pace?.kind ?? 'constant';
      return {
        name: named === undefined ? `stage ${at + 1}` : document.text(named),
        messages: Infinity,
        // The last stage of a background load goes on until the others end.
        durationMs: lastsOn ? Infinity : durationMs,
        pace:
          rate === undefined
            ? load.rate
            : { ...document.value(rate, (text) => stageRate(text, durationMs)), kind },
        thresholds: this.#thresholds(get('fail-if'), load.plan),
      };
    });
  }

  #thresholds(entry: PlanEntry | undefined, plan: BenchPlan): readonly Threshold[] {
    if (entry === undefined) return [];
    return this.#document.texts(entry).map(({ text, node }) =>
      this.#document.placed(node, () => {
        const threshold = parseBenchThreshold(text);
        checkThresholds(plan, [threshold], undefined);
        return threshold;
      }),
    );
  }

  /** An error that names a flag of the scenario is at its value; any other at the scenario. */
  #placedAtFlag<Value>(
    node: Node,
    entries: ReadonlyMap<string, PlanEntry>,
    work: () => Value,
  ): Value {
    try {
      return work();
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      const named =
        /--([a-z-]+)/.exec(message)?.[1] ?? (message.includes('subject') ? 'subject' : '');
      const entry = entries.get(named) ?? entries.get(named === 'size' ? 'payload-file' : '');
      return this.#document.placed(entry?.value ?? entry?.keyNode ?? node, () => {
        throw error;
      });
    }
  }
}

function positiveDurationMs(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs > 0) return durationMs;
  throw usageError(`${quoted(text)} is too short for a stage`);
}

function constantRate(text: string): Pick<TargetRate, 'ratePerS'> {
  return { ratePerS: parseRate(text) };
}

/** `5k`, or `1k..5k` for a rate that changes evenly during the stage. */
function stageRate(text: string, durationMs: number): TargetRate {
  const [from = '', to, ...more] = text.split('..').map((part) => part.trim());
  if (to === undefined) return { ...constantRate(from), kind: 'constant' };
  const isZero = (part: string): boolean => /^0+$/.test(part);
  if (more.length > 0 || (isZero(from) && isZero(to))) {
    throw usageError(`${quoted(text)} is not a rate`, 'write for example 5k, or 1k..5k to ramp');
  }
  const [fromPerS, toPerS] = [from, to].map((part) => (isZero(part) ? 0 : parseRate(part)));
  if (!Number.isFinite(durationMs)) {
    throw usageError('a rate that changes needs a stage with a duration that ends');
  }
  const ramp = { fromPerS: fromPerS ?? 0, toPerS: toPerS ?? 0, overMs: durationMs };
  return { ratePerS: (ramp.fromPerS + ramp.toPerS) / 2, kind: 'constant', ramp };
}

/** A scenario without stages is one stage with its name. */
function onlyStage(name: string, { goal, pace }: BenchPlan, background: boolean): Stage {
  const stage = { name, pace, thresholds: [], messages: Infinity, durationMs: Infinity };
  if (background || goal.kind === 'stored' || goal.kind === 'open') return stage;
  return goal.kind === 'messages'
    ? { ...stage, messages: goal.messages }
    : { ...stage, durationMs: goal.durationMs };
}
