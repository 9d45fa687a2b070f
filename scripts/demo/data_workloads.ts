/**
 * What the demo deploys for data: the repository, and an application that lives on a source.
 *
 * @module
 */
import type { Deployment } from "../../k8s/apps_v1.ts";
import type { ConfigMap, Container, Volume } from "../../k8s/core_v1.ts";
import { key, prefix } from "../../lib/contract/keys.ts";
import type { Site } from "./stage.ts";
import {
  home,
  listening,
  listeningOn,
  own,
  podInfo,
  type Ports,
  program,
  shop,
  watchdog,
} from "./workloads.ts";

/** The source, the application that reads it, and how the application calls its folder. */
export const catalog = "catalog";

/** Pods of the application: a quarter of them is one canary. */
export const catalogReplicas = 4;

/** What pushes are signed with. Nobody but this machine reaches the repository. */
export const hookSecret = "the demo's own";

/** The repository, at the node's own address: there is no Service here that would have one of its own. */
export function repositoryUrl({ host }: Pick<Site, "host">, ports: Ports): string {
  return `http://${host}:${ports.repository}`;
}

/** The secret for pushes. The embedded cluster has no Secrets. */
export const hookFile: ConfigMap = {
  metadata: { name: "datarepo", namespace: home },
  data: { hook: hookSecret },
};

/** The repository. */
export function repository(spec: string, ports: Ports): Deployment {
  const args = [
    `--DataRepo:Sources=${catalog}:${spec}`,
    "--DataRepo:PollSeconds=5",
    "--DataRepo:HookSecretFile=/etc/datarepo/hook",
    "--DataRepo:SourcePath=/data/source",
    "--DataRepo:ArchivePath=/data/archive",
  ];
  const deployment = own("datarepo", args, ports.repository);
  const pod = deployment.spec!.template.spec!;
  pod.hostNetwork = true;
  pod.volumes = [{ name: "data", emptyDir: {} }, { name: "hook", configMap: { name: "datarepo" } }];
  pod.containers[0]!.volumeMounts = [
    { name: "data", mountPath: "/data" },
    { name: "hook", mountPath: "/etc/datarepo" },
  ];
  return deployment;
}

const dataVolume: Volume = { name: "data", emptyDir: {} };
const dataMount = { name: "data", mountPath: "/data" };

/** Fetches the data before the application starts, and keeps it current beside it: a native sidecar. */
function deployer(): Container {
  return {
    ...program("datadeploy", [], [
      ...listening(8082),
      { name: "Pod__AnnotationsFile", value: "/etc/podinfo/annotations" },
      { name: "Store__Location", value: "/data" },
    ]),
    restartPolicy: "Always",
    volumeMounts: [dataMount, { name: "podinfo", mountPath: "/etc/podinfo" }],
    startupProbe: { httpGet: { path: "/startup", port: 8082 }, periodSeconds: 1, failureThreshold: 120 },
  };
}

/** The application: three annotations say what data it has, from where, and how it is watched. */
export function application(site: Site, ports: Ports): Deployment {
  const app: Container = {
    name: "app",
    image: "catalog",
    args: [`/data/${catalog}`],
    ...listeningOn(ports.app),
    volumeMounts: [{ ...dataMount, readOnly: true }],
  };
  return {
    metadata: { name: catalog, namespace: shop },
    spec: {
      replicas: catalogReplicas,
      selector: { matchLabels: { app: catalog } },
      template: {
        metadata: {
          labels: { app: catalog },
          annotations: {
            [`${prefix.data}${catalog}`]: catalog,
            [key.storeUrl]: repositoryUrl(site, ports),
            [`${prefix.probe}${watchdog}`]: `POD_IP:${ports.app}/watchdog`,
          },
        },
        spec: {
          terminationGracePeriodSeconds: 5,
          initContainers: [deployer()],
          containers: [app],
          volumes: [podInfo, dataVolume],
        },
      },
    },
  };
}
