import type { IngressRule, NetworkPolicy, Pod, ServicePort } from '../model/facts.ts';
import { meets } from './label-requirements.ts';

const allowsPort = ({ ports }: IngressRule, { targetPort }: ServicePort, { containerPorts }: Pod): boolean => {
  const number =
    typeof targetPort === 'number' ? targetPort : containerPorts.find(({ name }) => name === targetPort)?.port;
  return (
    ports.length === 0 ||
    ports.some(({ port, endPort, protocol }) => {
      if (protocol !== 'TCP') return false;
      if (port === null || number === undefined || port === targetPort) return true;
      if (typeof port === 'string')
        return containerPorts.some(({ name, port: named }) => name === port && named === number);
      return endPort === null ? port === number : port <= number && number <= endPort;
    })
  );
};

/** kube-apiserver is no Pod: selectors of Pods and namespaces never admit it, and any address range may hold it. */
const mayAdmitControlPlane = ({ from }: IngressRule): boolean =>
  from.length === 0 || from.some(({ cidr }) => cidr !== null);

/**
 * The policies that together keep the control plane from a Pod's port; none where one of them may admit it. Policies add up
 * (networking/v1 NetworkPolicySpec), and do not apply to Pods of the host's network.
 */
export const blockingPolicies = (
  pod: Pod,
  port: ServicePort,
  policies: readonly NetworkPolicy[],
): readonly NetworkPolicy[] => {
  const selecting = pod.hostNetwork
    ? []
    : policies.filter(({ selector, ingress }) => ingress !== null && meets(pod.labels, selector));
  const admits = selecting.some(({ ingress }) =>
    ingress?.some((rule) => allowsPort(rule, port, pod) && mayAdmitControlPlane(rule)),
  );
  return admits ? [] : selecting;
};
