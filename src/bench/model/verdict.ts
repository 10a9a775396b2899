import { formatPercent } from '../../core/wording.js';
import { formatDuration, formatDurationMs } from '../../core/values/duration.js';
/** What limited the rate. */
export type Bottleneck =
  | 'this-process'
  | 'this-machine'
  | 'network'
  | 'server'
  | 'disk'
  | 'target-rate'
  | 'round-trip'
  | 'responder'
  | 'unknown';

export interface BottleneckVerdict {
  readonly bottleneck: Bottleneck;
  /** One sentence with the evidence. */
  readonly sentence: string;
  /** The id of the agent that was the limit, if one was. */
  readonly agent?: string | undefined;
}

/** An agent, and how busy it was. */
export interface BusyAgent {
  readonly id: string;
  readonly host: string;
}

/** Observations during the measured passes. Shares are from 0 to 1. */
export interface LimitFacts {
  /** `undefined`: as fast as possible. */
  readonly targetRatePerS: number | undefined;
  readonly achievedRatePerS: number;
  /** The share of time in which the busiest thread was busy. */
  readonly busiestThread: number;
  /** Share of time that senders waited for the socket. */
  readonly backpressure: number;
  /** Share of time that senders waited for a full window of replies or acknowledgements. */
  readonly windowWait: number;
  /** Of all processors of this machine; `undefined` if the run was too short. */
  readonly machineBusy: number | undefined;
  /** This process' share of all processors. */
  readonly processShare: number;
  readonly local: boolean;
  /** The agents whose thread and whose processors were the busiest; absent without agents. */
  readonly busiestAgent?: BusyAgent | undefined;
  readonly fullestAgent?: BusyAgent | undefined;
  readonly roundTripNs: number;
  /** Messages in flight at most; 1 is synchronous. */
  readonly window: number;
  /** Whether each message is stored on disk. */
  readonly writesToDisk: boolean;
  /** How long the responder of this run waits before it answers. */
  readonly replyDelayMs: number;
  /** The scenario waits for round trips (requests, acknowledgements, gets). */
  readonly roundTrips: boolean;
  /** Other clients send, at their own rate. */
  readonly receivesOnly: boolean;
  /** All measured passes together. */
  readonly elapsedNs: number;
}

const REACHED = 0.98;
const BUSY = 0.9;
const WAITING = 0.5;
/** In a shorter run, its start and end are most of what was observed. */
const SHORTEST_NS = 50e6;

type Rule = (facts: LimitFacts) => BottleneckVerdict | undefined;

/** The most direct evidence first; the first rule that applies is the verdict. */
const RULES: readonly Rule[] = [
  targetReached,
  deliberateDelay,
  synchronousRoundTrip,
  tooShort,
  busyThread,
  othersSend,
  fullMachine,
  waitedForServer,
  fullWindow,
];

/** Names what limited a run. */
export function limitVerdict(facts: LimitFacts): BottleneckVerdict {
  for (const rule of RULES) {
    const verdict = rule(facts);
    if (verdict !== undefined) return verdict;
  }
  return {
    bottleneck: 'unknown',
    sentence: `natsx found no limit: its busiest thread was busy ${percent(facts.busiestThread)} of the time.`,
  };
}

function targetReached(facts: LimitFacts): BottleneckVerdict | undefined {
  const { targetRatePerS, achievedRatePerS } = facts;
  if (targetRatePerS === undefined || achievedRatePerS < targetRatePerS * REACHED) return undefined;
  return {
    bottleneck: 'target-rate',
    sentence: 'The target rate was reached, and nothing else limited it.',
  };
}

function deliberateDelay(facts: LimitFacts): BottleneckVerdict | undefined {
  if (facts.replyDelayMs === 0) return undefined;
  return {
    bottleneck: 'responder',
    sentence: `The responder limited it: each answer waits for --delay (${formatDurationMs(facts.replyDelayMs)}).`,
  };
}

function synchronousRoundTrip(facts: LimitFacts): BottleneckVerdict | undefined {
  if (!facts.roundTrips || facts.window > 1 || facts.busiestThread >= BUSY) return undefined;
  const where = facts.writesToDisk
    ? 'server and its disk'
    : facts.local
      ? 'server'
      : 'network and the server';
  return {
    bottleneck: 'round-trip',
    sentence: `Round trips limited it: one message is in flight at a time, and the ${where} took ${percent(1 - facts.busiestThread)} of the time. A larger --window shows the next limit.`,
  };
}

function tooShort({ elapsedNs }: LimitFacts): BottleneckVerdict | undefined {
  if (elapsedNs >= SHORTEST_NS) return undefined;
  return {
    bottleneck: 'unknown',
    sentence: `The run was too short for a verdict: ${formatDuration(elapsedNs)}. Measure for a second or more.`,
  };
}

function busyThread(facts: LimitFacts): BottleneckVerdict | undefined {
  if (facts.busiestThread < BUSY || facts.backpressure >= WAITING) return undefined;
  const { busiestAgent } = facts;
  if (busiestAgent !== undefined) {
    return {
      bottleneck: 'this-process',
      sentence: `${agentName(busiestAgent)} limited it: its busiest thread was busy ${percent(facts.busiestThread)} of the time. More agents, clients or workers may reach a higher rate.`,
      agent: busiestAgent.id,
    };
  }
  return {
    bottleneck: 'this-process',
    sentence: `natsx itself limited it: its busiest thread was busy ${percent(facts.busiestThread)} of the time. More clients or workers may reach a higher rate.`,
  };
}

function othersSend({ receivesOnly, busiestThread }: LimitFacts): BottleneckVerdict | undefined {
  if (!receivesOnly) return undefined;
  return {
    bottleneck: 'unknown',
    sentence: `Other clients set the rate: the busiest thread of natsx was busy ${percent(busiestThread)} of the time.`,
  };
}

function fullMachine(facts: LimitFacts): BottleneckVerdict | undefined {
  const { machineBusy, fullestAgent } = facts;
  if (fullestAgent !== undefined && machineBusy !== undefined && machineBusy >= BUSY) {
    return {
      bottleneck: 'this-machine',
      sentence: `The processors of ${fullestAgent.host} limited it: they were ${percent(machineBusy)} busy during the load of the agent ${fullestAgent.id}.`,
      agent: fullestAgent.id,
    };
  }
  if (!facts.local || machineBusy === undefined || machineBusy < BUSY) return undefined;
  return {
    bottleneck: 'this-machine',
    sentence: `This machine's processors limited it: they were ${percent(machineBusy)} busy; natsx used ${percent(facts.processShare)}, the server and other programs the rest.`,
  };
}

function waitedForServer(facts: LimitFacts): BottleneckVerdict | undefined {
  if (facts.backpressure < WAITING) return undefined;
  const share = percent(facts.backpressure);
  return facts.local
    ? {
        bottleneck: 'server',
        sentence: `The server limited it: natsx waited ${share} of the time for the server to read.`,
      }
    : {
        bottleneck: 'network',
        sentence: `The network or the server limited it: natsx waited ${share} of the time for the socket.`,
      };
}

function fullWindow(facts: LimitFacts): BottleneckVerdict | undefined {
  if (!facts.roundTrips || facts.windowWait < WAITING) return undefined;
  const share = percent(facts.windowWait);
  const waited = `natsx waited ${share} of the time with ${facts.window} messages unanswered`;
  if (facts.writesToDisk) {
    return {
      bottleneck: 'disk',
      sentence: `The server limited it, most likely its disk: ${waited}. Compare with --storage memory.`,
    };
  }
  return facts.local
    ? { bottleneck: 'server', sentence: `The server limited it: ${waited}.` }
    : { bottleneck: 'network', sentence: `The network or the server limited it: ${waited}.` };
}

function agentName({ id, host }: BusyAgent): string {
  return `The agent ${id} on ${host}`;
}

function percent(share: number): string {
  return formatPercent(Math.round(Math.min(1, Math.max(0, share)) * 100) / 100);
}
