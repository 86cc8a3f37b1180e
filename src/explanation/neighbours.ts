import type { FindingCode } from '../model/catalogue.ts';

/** A cause that is told in the same words, and how it is told from the one that the words name. */
export interface Neighbour {
  readonly code: FindingCode;
  readonly unless: string;
}

const n = (code: FindingCode, unless: string): Neighbour => ({ code, unless });

const noDiscovery: readonly Neighbour[] = [
  n('AA101', 'It is this if the product was uninstalled: the Service, or its namespace, is gone.'),
  n('AA203', 'It is this if the condition says MissingEndpoints or EndpointsNotFound.'),
  n('AA205', "It is this if the backend's Pods are not Ready."),
  n('AA208', 'It is this if the condition holds a time-out.'),
  n('AA410', 'It is this if the backend answers 404 to /apis/<group>/<version>.'),
  n('AA304', 'It is this if the condition is True all the same: up to 1.35 it does not see the certificate.'),
];

/**
 * What else the words of a finding fit, most likely first, and how to tell. A reason that is certain has none; one that fits many
 * causes (a time-out has at least eight) has its list here.
 */
export const neighbours: Partial<Readonly<Record<FindingCode, readonly Neighbour[]>>> = {
  AA102: [n('AA103', 'It is this if a CustomResourceDefinition holds the same group version.')],
  AA113: [
    n('AA213', 'It is this if one of several endpoints fails by itself.'),
    n('AA208', 'It is this if the condition, when False, holds a time-out.'),
    n('AA205', 'It is this if Pods restart, or are Ready now and then.'),
    n('AA214', 'It is this if answers take some seconds.'),
  ],
  AA115: [
    n('AA101', 'It is this if the APIService is there and its Service is not.'),
    n('AA203', 'It is this if the APIService and its Service are there and no Pod is Ready.'),
    n('AA114', 'It is this if the product is installed with that feature switched off.'),
  ],
  AA201: [
    n('AA101', 'It is this if the product was uninstalled and nothing brings the Service back.'),
    n('AA102', 'It is this if another product registered the group version with a Service of its own.'),
    n('AA105', 'It is this if the namespace is being deleted.'),
  ],
  AA202: [
    n('AA206', "It is this if the Service lists the port and its targetPort is not the Pods'."),
    n('AA102', 'It is this if the Service belongs to another product.'),
  ],
  AA203: [
    n('AA205', 'It is this if the Service selects Pods that are not Ready.'),
    n('AA204', 'It is this if its selector matches no Pod.'),
    n('AA206', "It is this if the Pods are Ready and the port's name or targetPort is not theirs."),
    n(
      'AA801',
      'It is this if the backend is metrics-server, running, and not Ready because it cannot scrape kubelets.',
    ),
  ],
  AA207: [
    n('AA205', 'It is this if Pods are not Ready, crash or have just started.'),
    n(
      'AA203',
      'It is this if the address is the ClusterIP and the Service has no ready endpoint: kube-proxy then refuses for it.',
    ),
    n('AA206', 'It is this if Pods are Ready and listen on another port than targetPort.'),
    n('AA114', 'It is this if the product runs with that API switched off.'),
    n('AA221', 'It is this if the same port answers on the Pod and not on the ClusterIP.'),
    n('AA223', 'It is this if the backend uses the host network and its port was taken.'),
  ],
  AA208: [
    n('AA215', 'It is this if a NetworkPolicy selects the backend; the Pods answer from inside their namespace.'),
    n(
      'AA209',
      'It is this if the Pod or Service range is not routed from the control plane; `port-forward` to the Pod works.',
    ),
    n(
      'AA214',
      'It is this if the backend answers, after more than some seconds: ask it through port-forward and take the time.',
    ),
    n('AA210', 'It is this if `kubectl logs` and `exec` hang, too: the tunnel to the nodes.'),
    n('AA205', 'It is this if Pods are overloaded, or Ready without being able to answer.'),
    n('AA211', "It is this if kube-apiserver's environment has HTTPS_PROXY and NO_PROXY lacks the range."),
    n('AA212', 'It is this if the Pod has a mesh sidecar.'),
    n('AA221', 'It is this if the address is the ClusterIP and the Pod addresses answer.'),
  ],
  AA209: [
    n('AA208', 'A firewall that drops instead of refusing gives a time-out for the same.'),
    n('AA210', 'It is this if the control plane reaches nodes through a tunnel only.'),
    n('AA221', 'It is this if the address is the ClusterIP and the Pod addresses answer.'),
  ],
  AA210: [
    n('AA208', 'It is this if the agents are connected and the Pod does not answer them.'),
    n('AA215', 'It is this if a NetworkPolicy does not admit the agents.'),
  ],
  AA211: [n('AA604', 'It is this if the condition says `bad status … 403`: then the backend itself answered.')],
  AA214: [n('AA205', 'It is this if the Pods are short of CPU or memory.')],
  AA217: [
    n('AA208', 'It is this if the resolver itself does not answer.'),
    n('AA222', 'It is this if the Service is of a type that cannot be dialled.'),
  ],
  AA218: [
    n('AA206', 'It is this if the Service leads to a metrics or health port instead.'),
    n('AA211', 'It is this if what answers is an HTTP proxy.'),
  ],
  AA219: [
    n('AA205', 'It is this if the Pods crash or restart.'),
    n('AA212', 'It is this if the Pod has a mesh sidecar: it closes what it does not accept.'),
    n('AA218', 'It is this if the port speaks plain HTTP.'),
    n('AA316', "It is this if the backend's log shows a TLS handshake error."),
    n('AA211', 'It is this if an HTTP proxy is in between.'),
    n('AA606', 'It is this if the answer is a 500 whose body names subjectaccessreviews.'),
  ],
  AA220: [n('AA102', 'It is this if the Service belongs to another product, such as a web server.')],
  AA222: [n('AA224', 'It is this if the Service has no ClusterIP.')],
  AA301: [
    n('AA307', 'It is this if the date printed is that of an authority.'),
    n('AA310', 'It is this if the Secret holds a newer certificate: the backend has not reloaded it.'),
    n('AA302', 'It is this if the text says `is before`.'),
  ],
  AA302: [n('AA301', 'It is this if the text says `is after`.')],
  AA303: [
    n('AA102', 'It is this if the APIService names the Service of another product.'),
    n('AA204', "It is this if the Service selects another program's Pods."),
    n('AA315', 'It is this if only some endpoints serve that certificate.'),
  ],
  AA304: [
    n('AA317', 'It is this if an injector (cert-manager, service-ca, OLM) should keep caBundle and does not.'),
    n('AA309', 'It is this if the backend does not send an intermediate.'),
    n('AA305', 'It is this if caBundle is empty: system roots decide then.'),
    n('AA310', 'It is this if the Secret holds a newer certificate than the one served.'),
    n('AA601', "It is this if the backend's log says so: then kube-apiserver's client certificate is meant."),
    n('AA805', 'It is this if a webhook was called.'),
  ],
  AA706: [
    n(
      'AA805',
      'It is this if the webhook names a Service of its own, and no path below /apis of Service default/kubernetes.',
    ),
  ],
  AA306: [n('AA317', 'It is this if an injector should have written caBundle.')],
  AA313: [n('AA304', 'It is this if the hint in parentheses names no algorithm.')],
  AA316: [n('AA218', 'It is this if the port does not speak TLS at all.')],
  AA410: [
    n('AA116', 'It is this if the product was upgraded past this version.'),
    n('AA102', 'It is this if the Service leads to another program.'),
    n('AA413', "It is this if the backend's own list lacks the version."),
    n('AA421', "It is this if the condition is True and the 404 is kube-apiserver's own: ask again after two minutes."),
    n(
      'AA420',
      'It is this if only /apis, and not /apis/<group>/<version>, is 404: an older server without aggregated discovery.',
    ),
    n('AA114', 'It is this if that API is switched off in the product.'),
  ],
  AA411: [
    n('AA410', 'It is this if the answer is another server’s page.'),
    n('AA412', 'It is this if the list is valid and empty.'),
  ],
  AA414: noDiscovery,
  AA418: [n('AA421', 'It is this if the backend never answers /openapi and other APIServices lag.')],
  AA601: [
    n('AA603', 'It is this if ConfigMap kube-system/extension-apiserver-authentication lacks the requestheader keys.'),
    n('AA602', "It is this if the backend's log says `is not in the allowed list`."),
    n('AA605', "It is this if the backend's log says that it may not read that ConfigMap."),
    n('AA113', 'It is this if only some kube-apiservers are refused.'),
  ],
  AA603: [n('AA605', 'It is this if the log says `forbidden`.')],
  AA604: [
    n('AA606', "It is this if the backend's log names subjectaccessreviews."),
    n('AA605', "It is this if the backend's log names extension-apiserver-authentication."),
    n('AA603', 'It is this if that ConfigMap lacks the requestheader keys.'),
    n('AA602', "It is this if the backend's log says `is not in the allowed list`."),
    n('AA601', 'It is this if kube-apiserver presents no front-proxy certificate.'),
    n('AA211', 'It is this if a proxy in between answers for the backend.'),
  ],
  AA606: [n('AA604', 'It is this if the review is made and says no.')],
  AA701: [...noDiscovery],
  AA702: [
    n('AA804', 'It is this if the group answers and lacks the metric.'),
    n('AA205', "It is this if the metrics server's Pods are not Ready."),
    n('AA203', 'It is this if the condition says MissingEndpoints.'),
  ],
  AA703: noDiscovery,
  AA704: [n('AA414', 'It is this if the group version is marked Stale.'), ...noDiscovery],
  AA801: [n('AA205', "It is this if metrics-server's Pod is not Ready because of it.")],
  AA806: [n('AA205', "It is this if the backend's Pod is not Ready because of it.")],
};
