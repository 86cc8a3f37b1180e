/**
 * Groups with a dot that kube-apiserver serves itself, as the source of a pattern: never behind an APIService with a Service
 * (kube-apiserver pkg/controlplane, the table of built-in APIServices).
 */
export const builtInGroup = String.raw`(?:(?:rbac\.)?authorization|apiregistration|authentication|apiextensions|admissionregistration|networking|storage|scheduling|coordination|node|discovery|events|certificates|flowcontrol\.apiserver|internal\.apiserver|resource|storagemigration)\.k8s\.io`;
