import net, { type AddressInfo } from 'node:net';

/** Leads each new connection to the next of the servers, on the loopback. */
export interface TcpBalancer {
  readonly port: number;
  /** Connections so far. */
  readonly connections: () => number;
  readonly close: () => void;
}

/** As a load balancer of layer 4 before kube-apiserver replicas. */
export const startTcpBalancer = async (targets: readonly { host: string; port: number }[]): Promise<TcpBalancer> => {
  let count = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const target = targets[count % targets.length];
    count += 1;
    if (!target) throw new Error('a balancer needs a server');
    const onward = net.connect(target);
    socket.pipe(onward).pipe(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
