package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const pollInterval = 200 * time.Millisecond

// proxyServices stands for kube-proxy: it forwards every ClusterIP and port to the ready endpoints behind it, and
// leaves the port closed where there are none, so that a dial is refused as with kube-proxy's REJECT rule.
func proxyServices(arguments []string) error {
	if len(arguments) != 4 {
		return fmt.Errorf("usage: misbehaving-server proxy-services SERVER CA CERTIFICATE KEY")
	}
	client, err := apiClient(arguments[1], arguments[2], arguments[3])
	if err != nil {
		return err
	}
	proxy := &serviceProxy{server: arguments[0], client: client, open: map[string]*clusterPort{}}
	go proxy.pollForever()
	return untilInputEnds()
}

func apiClient(authority, certificate, key string) (*http.Client, error) {
	pool, err := certificatePool(authority)
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	configuration := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: configuration}}, nil
}

type serviceProxy struct {
	server string
	client *http.Client
	open   map[string]*clusterPort
}

func (proxy *serviceProxy) pollForever() {
	for {
		if err := proxy.reconcile(); err != nil {
			fmt.Fprintln(os.Stderr, "proxy-services:", err)
		}
		time.Sleep(pollInterval)
	}
}

func (proxy *serviceProxy) reconcile() error {
	wanted, err := proxy.readyTargets()
	if err != nil {
		return err
	}
	for address, port := range proxy.open {
		if len(wanted[address]) == 0 {
			_ = port.listener.Close()
			delete(proxy.open, address)
		}
	}
	for address, targets := range wanted {
		port, isOpen := proxy.open[address]
		if !isOpen {
			listener, err := net.Listen("tcp", address)
			if err != nil {
				return err
			}
			port = &clusterPort{listener: listener}
			proxy.open[address] = port
			go port.acceptForever()
		}
		port.retarget(targets)
	}
	return nil
}

// clusterPort is one open ClusterIP and port.
type clusterPort struct {
	listener net.Listener
	mutex    sync.Mutex
	targets  []string
	next     int
}

func (port *clusterPort) retarget(targets []string) {
	port.mutex.Lock()
	defer port.mutex.Unlock()
	port.targets = targets
}

func (port *clusterPort) pick() string {
	port.mutex.Lock()
	defer port.mutex.Unlock()
	port.next++
	return port.targets[port.next%len(port.targets)]
}

func (port *clusterPort) acceptForever() {
	for {
		connection, err := port.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			backend, err := net.Dial("tcp", port.pick())
			if err != nil {
				reset(connection)
				return
			}
			join(connection, backend)
		}()
	}
}

// join copies both ways and passes on how either side ended: a close as a close, a reset as a reset.
func join(left, right net.Conn) {
	var both sync.WaitGroup
	both.Go(func() { pipe(left, right) })
	both.Go(func() { pipe(right, left) })
	both.Wait()
	_ = left.Close()
	_ = right.Close()
}

func pipe(from, to net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		reset(from)
		reset(to)
		return
	}
	_ = to.(*net.TCPConn).CloseWrite()
}

type serviceList struct {
	Items []struct {
		Metadata metadata `json:"metadata"`
		Spec     struct {
			ClusterIP string `json:"clusterIP"`
			Ports     []struct {
				Name     string `json:"name"`
				Port     int    `json:"port"`
				Protocol string `json:"protocol"`
			} `json:"ports"`
		} `json:"spec"`
	} `json:"items"`
}

type endpointSliceList struct {
	Items []struct {
		Metadata  metadata `json:"metadata"`
		Endpoints []struct {
			Addresses  []string `json:"addresses"`
			Conditions struct {
				Ready *bool `json:"ready"`
			} `json:"conditions"`
		} `json:"endpoints"`
		Ports []struct {
			Name string `json:"name"`
			Port int    `json:"port"`
		} `json:"ports"`
	} `json:"items"`
}

type metadata struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

// readyTargets maps each ClusterIP and port to the endpoints that are ready and really listen.
func (proxy *serviceProxy) readyTargets() (map[string][]string, error) {
	var services serviceList
	var slices endpointSliceList
	if err := proxy.get("/api/v1/services", &services); err != nil {
		return nil, err
	}
	if err := proxy.get("/apis/discovery.k8s.io/v1/endpointslices", &slices); err != nil {
		return nil, err
	}
	listening, err := listeningSockets()
	if err != nil {
		return nil, err
	}
	targets := map[string][]string{}
	for _, service := range services.Items {
		// default/kubernetes leads to the API server itself, which no test reaches by its ClusterIP.
		if ip := net.ParseIP(service.Spec.ClusterIP); ip == nil || service.Metadata.Namespace == "default" {
			continue
		}
		// kube-proxy leaves these to another proxy, too.
		if _, isOthers := service.Metadata.Labels["service.kubernetes.io/service-proxy-name"]; isOthers {
			continue
		}
		for _, port := range service.Spec.Ports {
			clusterAddress := net.JoinHostPort(service.Spec.ClusterIP, fmt.Sprint(port.Port))
			for _, slice := range slices.Items {
				if slice.Metadata.Namespace != service.Metadata.Namespace ||
					slice.Metadata.Labels["kubernetes.io/service-name"] != service.Metadata.Name {
					continue
				}
				for _, slicePort := range slice.Ports {
					if slicePort.Name != port.Name {
						continue
					}
					for _, endpoint := range slice.Endpoints {
						if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
							continue
						}
						address := net.JoinHostPort(endpoint.Addresses[0], fmt.Sprint(slicePort.Port))
						// kube-proxy rewrites addresses and so passes on a refusal. A proxy that has already
						// accepted cannot, hence it does not accept for an endpoint where nothing listens.
						if listening[address] {
							targets[clusterAddress] = append(targets[clusterAddress], address)
						}
					}
				}
			}
		}
	}
	return targets, nil
}

func (proxy *serviceProxy) get(path string, into any) error {
	response, err := proxy.client.Get(proxy.server + path)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// listeningSockets reads the IPv4 sockets in state LISTEN of this network namespace.
func listeningSockets() (map[string]bool, error) {
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		return nil, err
	}
	const stateListen = "0A"
	listening := map[string]bool{}
	for _, line := range strings.Split(string(table), "\n")[1:] {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[3] != stateListen {
			continue
		}
		var a, b, c, d byte
		var port int
		if _, err := fmt.Sscanf(fields[1], "%02X%02X%02X%02X:%04X", &d, &c, &b, &a, &port); err != nil {
			return nil, err
		}
		listening[fmt.Sprintf("%d.%d.%d.%d:%d", a, b, c, d, port)] = true
	}
	return listening, nil
}
