package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// routeSpec is one canned answer. A path that ends in * matches every path that begins like it; the first match counts.
type routeSpec struct {
	Path        string            `json:"path"`
	Status      int               `json:"status"`
	ContentType string            `json:"contentType"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	// Delay is waited before the answer, whoever gives it.
	Delay string `json:"delay"`
	// Healthy leaves the answer to the group versions: the route then only delays.
	Healthy bool `json:"healthy"`
	// End closes or resets the connection instead of answering.
	End string `json:"end"`
}

func endsConnections(routes []routeSpec) bool {
	return slices.ContainsFunc(routes, func(route routeSpec) bool { return route.End != "" })
}

func handlerFor(backend backendSpec) http.Handler {
	healthy := healthyAnswers(backend.GroupVersions)
	for _, path := range backend.Omit {
		delete(healthy, path)
	}
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		for _, route := range backend.Routes {
			if route.matches(request.URL.Path) {
				pause(request, route.Delay)
				if !route.Healthy {
					answer(response, request, route)
					return
				}
				break
			}
		}
		answerHealthily(response, request, backend, healthy)
	})
}

func (route routeSpec) matches(path string) bool {
	if prefix, isPrefix := strings.CutSuffix(route.Path, "*"); isPrefix {
		return strings.HasPrefix(path, prefix)
	}
	return route.Path == path
}

func pause(request *http.Request, delay string) {
	duration, err := time.ParseDuration(delay)
	if err != nil {
		return
	}
	select {
	case <-time.After(duration):
	case <-request.Context().Done():
	}
}

func answer(response http.ResponseWriter, request *http.Request, route routeSpec) {
	if route.End != "" {
		endConnection(response, route.End)
		return
	}
	contentType := route.ContentType
	if contentType == "" {
		contentType = "application/json"
	}
	response.Header().Set("Content-Type", contentType)
	for name, value := range route.Headers {
		response.Header().Set(name, value)
	}
	status := route.Status
	if status == 0 {
		status = http.StatusOK
	}
	response.WriteHeader(status)
	_, _ = response.Write([]byte(route.Body))
}

func endConnection(response http.ResponseWriter, how string) {
	connection, _, err := response.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if encrypted, isTLS := connection.(*tls.Conn); isTLS {
		connection = encrypted.NetConn()
	}
	if how == "reset" {
		reset(connection)
		return
	}
	_ = connection.Close()
}

func certificatePool(path string) (*x509.CertPool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return pool, nil
}
