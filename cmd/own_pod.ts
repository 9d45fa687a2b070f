/**
 * How sidecars learn their own pod's annotations: by a downward API file, else by watching the pod.
 *
 * @module
 */
import { CoreV1Api } from "../k8s/core_v1.ts";
import { type AnnotationSource, fileSource, type FileSourceOptions, podSource } from "../lib/kube/own_pod.ts";
import { WrongUse } from "../lib/runtime/failure.ts";
import { type ClusterOptions, connectTo } from "./house.ts";

/** The settings that say where annotations are read. */
export interface OwnPodSettings {
  readonly annotationsFile: string;
  readonly podNamespace: string;
  readonly podName: string;
}

/** The annotations of the pod that `program` runs in. */
export async function ownPod(
  program: string,
  { annotationsFile, podNamespace, podName }: OwnPodSettings,
  options: ClusterOptions,
  parts: FileSourceOptions,
): Promise<AnnotationSource> {
  if (annotationsFile) return fileSource(annotationsFile, parts);
  if (!podName) {
    throw new WrongUse(
      `Neither Pod__AnnotationsFile nor Pod__Name is set: ${program} must know whose annotations to read. ` +
        "Mount metadata.annotations by the downward API, or set Pod__Namespace and Pod__Name from fieldRefs.",
    );
  }
  const { client, namespace } = await connectTo(program, options);
  const pods = new CoreV1Api(client).namespace(podNamespace || namespace);
  const fieldSelector = `metadata.name=${podName}`;
  return podSource({
    list: (page) => pods.getPodList({ ...page, fieldSelector }),
    watch: (from) => pods.watchPodList({ ...from, fieldSelector }),
  }, parts);
}
