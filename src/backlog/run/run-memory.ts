import { MEMORY_MS, BacklogMemory } from '../model/memory/memory.js';
import { withMemory } from '../model/memory/remembered-report.js';
import { diagnose } from '../model/diagnose.js';
import { withoutOwnCommand } from '../model/own-command.js';
import type { BacklogReport } from '../model/report.js';
import type { BacklogRequest } from '../model/request.js';
import type { ScanWindow } from '../model/series.js';
import { Announcements } from './announcements.js';
import type { BacklogPort } from './reader/window-reader.js';

/** The memory of one run: what its readings of the last hour show together. Whoever opens one stops it. */
export class RunMemory {
  readonly #request: BacklogRequest;
  readonly #announcements: Announcements;
  readonly #memory: BacklogMemory;

  constructor(port: BacklogPort, request: BacklogRequest) {
    this.#request = request;
    this.#announcements = new Announcements(port, request);
    const { consumers, matches, subject } = request;
    this.#memory = new BacklogMemory({
      horizonMs: MEMORY_MS,
      isPartial: [consumers, matches, subject].some((choice) => choice !== undefined),
    });
  }

  /** The report of the next window, with what was found. @param isWatching as for {@link withoutOwnCommand} */
  remember(window: ScanWindow, isWatching = false): BacklogReport {
    this.#announcements.readAt(window.atMs);
    this.#memory.add(window, this.#announcements.gathering.take().events);
    const report = diagnose(window);
    const remembered = withMemory(report, this.#memory.findings(report));
    return withoutOwnCommand(remembered, this.#request, isWatching);
  }

  stop(): void {
    this.#announcements.stop();
  }
}
