/**
 * The deployer's server.
 *
 * @module
 */
import { Hono } from "hono";
import { type DataStatus, formatStatusReport, type VersionlessStatus } from "../../contract/data_version.ts";

/** What the server answers from. */
export interface DeployerAnswers {
  /** Of every data deployment; `undefined` while it is not known which there are. */
  statuses(): ReadonlyMap<string, DataStatus | VersionlessStatus> | undefined;
  /** What has no version yet. */
  waiting(): readonly string[];
  /** Why the deployer does not do its work, where it has not for too long. */
  trouble(): string | undefined;
}

/**
 * GET `/status`: what every data deployment has, for the prober; 503 while that is not known. GET `/startup`: 200 once each of them has a
 * version, which need not be the one that is asked for. GET `/watchdog`: 500 when a request could not be met for
 * too long. The bodies say why.
 */
export function deployerApp(deployer: DeployerAnswers): Hono {
  return new Hono()
    .get("/status", (c) => {
      const statuses = deployer.statuses();
      // Without data deployments the prober would take away what it wrote of them.
      if (!statuses) return c.text(lines(deployer.waiting()), 503);
      return c.body(formatStatusReport(statuses), 200, { "content-type": "application/json" });
    })
    .get("/startup", (c) => {
      const waiting = deployer.waiting();
      return waiting.length === 0
        ? c.text("every data deployment has a version\n")
        : c.text(lines(waiting), 500);
    })
    .get("/watchdog", (c) => {
      const trouble = deployer.trouble();
      return trouble === undefined ? c.text("ok\n") : c.text(`${trouble}\n`, 500);
    });
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join("");
}
