/** What the original's source says of volumes, of pods and by themselves, function by function. */
import type { Claim, ClaimsOfKind } from "./claim.ts";
import { SUBDOMAIN } from "./words.ts";

const VOLUME = "spec.volumes[0]";
const MODE = "must be a number between 0 and 0777 (octal), both inclusive";
const NO_PARENT = "must not contain '..'";
/** A pod with one volume; of each cause, what follows the volume. */
const volume = (source: object, ...causes: string[]): Claim => [
  { [VOLUME]: { name: "a", ...source } },
  causes.map((cause) => `${VOLUME}.${cause}`),
];
/** A volume of its own with this source. */
const persistent = (source: object, ...causes: string[]): Claim => [
  { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...source } },
  causes.map((cause) => `spec.${cause}`),
];
const claimOf = (changes: object) => ({
  ephemeral: {
    volumeClaimTemplate: {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        ...changes,
      },
    },
  },
});
const CLAIM_SPEC = "ephemeral.volumeClaimTemplate.spec";

export const volumeClaims: ClaimsOfKind[] = [
  [
    "Pod",
    [
      // ValidateVolumes, validateVolumeSource
      [{ "spec.volumes": [{ name: "" }] }, ["spec.volumes[0].name: Required value"]],
      volume(
        { emptyDir: {}, hostPath: { path: "/a" } },
        "hostPath: Forbidden: may not specify more than 1 volume type",
      ),
      volume(
        { emptyDir: { sizeLimit: "-1" } },
        "emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity",
      ),
      // validateHostPathVolumeSource, validateHostPathType
      volume({ hostPath: { path: "" } }, "hostPath.path: Required value"),
      volume(
        { hostPath: { path: "/a/../b" } },
        `hostPath.path: Invalid value: "/a/../b": ${NO_PARENT}`,
      ),
      volume(
        { hostPath: { path: "/a", type: "Odd" } },
        'hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ),
      // validateSecretVolumeSource, validateConfigMapVolumeSource, validateKeyToPath
      volume({ secret: {} }, "secret.secretName: Required value"),
      volume(
        { secret: { secretName: "a", defaultMode: 512 } },
        `secret.defaultMode: Invalid value: 512: ${MODE}`,
      ),
      volume({ configMap: {} }, "configMap.name: Required value"),
      volume(
        { configMap: { name: "a", items: [{ key: "", path: "b" }] } },
        "configMap.items[0].key: Required value",
      ),
      volume(
        { configMap: { name: "a", items: [{ key: "a", path: "/b" }] } },
        'configMap.items[0].path: Invalid value: "/b": must be a relative path',
      ),
      volume(
        { configMap: { name: "a", items: [{ key: "a", path: "b", mode: -1 }] } },
        `configMap.items[0].mode: Invalid value: -1: ${MODE}`,
      ),
      // validateProjectionSources
      volume(
        { projected: { sources: [{ secret: { name: "a" }, configMap: { name: "b" } }] } },
        "projected.sources[0]: Forbidden: may not specify more than 1 volume type",
      ),
      volume(
        { projected: { sources: [{ serviceAccountToken: { path: "a", expirationSeconds: 1 } }] } },
        "projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes",
        "projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
      ),
      volume(
        {
          projected: {
            sources: [
              { secret: { name: "a", items: [{ key: "k", path: "p" }] } },
              { configMap: { name: "b", items: [{ key: "k", path: "p" }] } },
            ],
          },
        },
        'projected: Invalid value: "b": conflicting duplicate paths',
      ),
      // validateDownwardAPIVolumeFile
      volume(
        { downwardAPI: { items: [{ path: "a" }] } },
        "downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
      ),
      volume(
        { downwardAPI: { items: [{ path: "a", resourceFieldRef: { resource: "limits.cpu" } }] } },
        "downwardAPI.resourceFieldRef.containerName: Required value",
      ),
      // validatePersistentClaimVolumeSource, validateEphemeralVolumeSource
      volume({ persistentVolumeClaim: {} }, "persistentVolumeClaim.claimName: Required value"),
      volume({ ephemeral: {} }, "ephemeral.volumeClaimTemplate: Required value"),
      volume(
        claimOf({ accessModes: [] }),
        `${CLAIM_SPEC}.accessModes: Required value: at least 1 access mode is required`,
      ),
      volume(claimOf({ resources: {} }), `${CLAIM_SPEC}.resources[storage]: Required value`),
      // the sources of the vendors, each in a function of its name
      volume({ gitRepo: { repository: "" } }, "gitRepo.repository: Required value"),
      volume(
        { gitRepo: { repository: "a", directory: "../b" } },
        `gitRepo.directory: Invalid value: "../b": ${NO_PARENT}`,
      ),
      volume({ gcePersistentDisk: { pdName: "" } }, "persistentDisk.pdName: Required value"),
      volume(
        { gcePersistentDisk: { pdName: "a", partition: 256 } },
        "persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive",
      ),
      volume(
        { awsElasticBlockStore: { volumeID: "" } },
        "awsElasticBlockStore.volumeID: Required value",
      ),
      volume(
        { nfs: { server: "", path: "a" } },
        "nfs.server: Required value",
        'nfs.path: Invalid value: "a": must be an absolute path',
      ),
      volume(
        { iscsi: { targetPortal: "a", iqn: "odd:a", lun: 0 } },
        'iscsi.iqn: Invalid value: "odd:a": must be valid format starting with iqn, eui, or naa',
      ),
      volume(
        { glusterfs: { endpoints: "", path: "" } },
        "glusterfs.endpoints: Required value",
        "glusterfs.path: Required value",
      ),
      volume(
        { rbd: { monitors: [], image: "" } },
        "rbd.monitors: Required value",
        "rbd.image: Required value",
      ),
      volume({ cephfs: { monitors: [] } }, "cephfs.monitors: Required value"),
      volume({ cinder: { volumeID: "" } }, "cinder.volumeID: Required value"),
      volume({ flexVolume: { driver: "" } }, "flexVolume.driver: Required value"),
      volume(
        { azureFile: { secretName: "", shareName: "" } },
        "azureFile.secretName: Required value",
        "azureFile.shareName: Required value",
      ),
      volume({ vsphereVolume: { volumePath: "" } }, "vsphereVolume.volumePath: Required value"),
      volume({ photonPersistentDisk: { pdID: "" } }, "photonPersistentDisk.pdID: Required value"),
      volume({ portworxVolume: { volumeID: "" } }, "portworxVolume.volumeID: Required value"),
      volume(
        { csi: { driver: "" } },
        "csi.driver: Required value",
        `csi.driver: Invalid value: "": ${SUBDOMAIN}`,
      ),
    ],
  ],
  [
    "PersistentVolume",
    [
      // ValidatePersistentVolumeSpec
      [{ "spec.accessModes": [] }, ["spec.accessModes: Required value"]],
      [
        { "spec.accessModes": ["ReadWriteOncePod", "ReadWriteOnce"] },
        ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
      ],
      [
        { "spec.capacity": {} },
        [
          "spec.capacity: Required value",
          'spec.capacity: Unsupported value: core.ResourceList(nil): supported values: "storage"',
        ],
      ],
      [
        { "spec.persistentVolumeReclaimPolicy": "Odd" },
        [
          'spec.persistentVolumeReclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Recycle", "Retain"',
        ],
      ],
      [
        { "spec.hostPath.path": "/", "spec.persistentVolumeReclaimPolicy": "Recycle" },
        [
          "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
        ],
      ],
      [
        { "spec.storageClassName": "No_1" },
        [`spec.storageClassName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      [
        { "spec.volumeMode": "Odd" },
        ['spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"'],
      ],
      [
        { "spec.nfs": { server: "a", path: "/b" } },
        ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
      ],
      // validateLocalVolumeSource, and the affinity it needs
      persistent(
        { local: { path: "" } },
        "local.path: Required value",
        "nodeAffinity: Required value: Local volume requires node affinity",
      ),
      // validateCSIPersistentVolumeSource
      persistent(
        { csi: { driver: "", volumeHandle: "" } },
        "csi.driver: Required value",
        `csi.driver: Invalid value: "": ${SUBDOMAIN}`,
        "csi.volumeHandle: Required value",
      ),
      persistent(
        { csi: { driver: "a.b", volumeHandle: "c", controllerPublishSecretRef: {} } },
        "csi.controllerPublishSecretRef.name: Required value",
        "csi.controllerPublishSecretRef.namespace: Required value",
      ),
      // validateVolumeNodeAffinity
      [
        { "spec.nodeAffinity": {} },
        ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
      ],
    ],
  ],
  [
    "PersistentVolumeClaim",
    [
      // ValidatePersistentVolumeClaimSpec
      [
        { "spec.accessModes": ["ReadWriteOncePod", "ReadOnlyMany"] },
        ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
      ],
      [
        { "spec.resources.requests.storage": "-1" },
        [`spec.resources[storage]: Invalid value: "-1": must be greater than zero`],
      ],
      [
        { "spec.selector": { matchExpressions: [{ key: "a", operator: "Odd" }] } },
        [
          'spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
        ],
      ],
      [
        { "spec.storageClassName": "No_1" },
        [`spec.storageClassName: Invalid value: "No_1": ${SUBDOMAIN}`],
      ],
      // validateDataSource
      [
        { "spec.dataSource": { kind: "PersistentVolumeClaim", name: "" } },
        ["spec.dataSource.name: Required value", "spec.dataSourceRef.name: Required value"],
      ],
      [
        { "spec.dataSource": { kind: "Odd", name: "a" } },
        ["dataSource", "dataSourceRef"].map(
          (field) =>
            `spec.${field}: Invalid value: "Odd": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
        ),
      ],
    ],
  ],
];
