/**
 * A deployer at work, within this process.
 *
 * @module
 */
import { Registry } from "prom-client";
import { type DataStatus, type DataVersion, parseStatusReport } from "../../../lib/contract/data_version.ts";
import type { StringMap } from "../../../lib/contract/keys.ts";
import { deployerApp } from "../../../lib/data/deploy/app.ts";
import { Deployer, type DeployerOptions } from "../../../lib/data/deploy/deployer.ts";
import { deployMetrics } from "../../../lib/data/deploy/metrics.ts";
import type { BlobSource } from "../../../lib/data/fetch/blob_source.ts";
import { systemFiles } from "../../../lib/data/fetch/files.ts";
import { until } from "../../cluster/support/wait.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog as log } from "../../support/silent_log.ts";
import { annotationsOf } from "./pod.ts";
import { onStage, type Stage } from "./stage.ts";

/** A deployer under a clock that stands still. */
export interface Running extends Stage {
  readonly clock: FakeClock;
  readonly deployer: Deployer;
  ask(requests: Readonly<Record<string, DataVersion | undefined>>, more?: StringMap): void;
  /** What `/status` says of `web`. */
  status(): Promise<DataStatus | undefined>;
  /** Waits until that has a state, and whatever else. */
  reaches(state: string, more?: (status: DataStatus) => boolean): Promise<DataStatus>;
  get(path: string): Promise<{ code: number; text: string }>;
}

/** Runs `work` with a deployer that works meanwhile. */
export function running(
  work: (one: Running) => Promise<void>,
  options: (stage: Stage) => Partial<DeployerOptions> = () => ({}),
): Promise<void> {
  return onStage(async (stage) => {
    const clock = new FakeClock();
    const deployer = new Deployer({
      files: systemFiles(),
      sourceOf: () => stage.upstream.source,
      metrics: deployMetrics(new Registry(), () => []),
      clock,
      log,
      random: () => 0,
      ...options(stage),
    });
    const app = deployerApp(deployer);
    const get = async (path: string) => {
      const answer = await app.request(path);
      return { code: answer.status, text: await answer.text() };
    };
    const status = async () => {
      const report = parseStatusReport((await get("/status")).text);
      return "problem" in report ? undefined : report.get("web");
    };
    const reaches = (state: string, more: (status: DataStatus) => boolean = () => true) =>
      until(`it is ${state}`, async () => {
        const one = await status();
        return one?.state === state && more(one) && one;
      });
    const ask: Running["ask"] = (requests, more) =>
      deployer.observe(annotationsOf({ url: "http://repo", location: stage.path, requests, more }));
    const stop = new AbortController();
    const ran = deployer.run(stop.signal);
    try {
      await work({ ...stage, clock, deployer, ask, status, reaches, get });
    } finally {
      stop.abort();
      await ran;
    }
  });
}

/** A source whose reads never end, until they are aborted. */
export function hanging(source: BlobSource, reads: { begun: number; ended: number }): BlobSource {
  return {
    ...source,
    read: (_digest, _range, signal) => {
      reads.begun++;
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          reads.ended++;
          reject(signal.reason);
        })
      );
    },
  };
}
