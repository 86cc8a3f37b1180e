package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// groupVersion is what a well-behaved extension API server would serve: one listable resource.
type groupVersion struct {
	Group    string `json:"group"`
	Version  string `json:"version"`
	Resource string `json:"resource"`
	Kind     string `json:"kind"`
}

type object = map[string]any

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// healthyAnswers gives every path that kube-aggregator or a client asks for, as an extension API server would answer it.
func healthyAnswers(served []groupVersion) map[string]object {
	answers := map[string]object{}
	if len(served) == 0 {
		return answers
	}
	paths := object{}
	for _, gv := range served {
		base := "/apis/" + gv.Group + "/" + gv.Version
		answers[base] = resourceList(gv)
		answers[base+"/"+gv.Resource] = object{
			"kind": gv.Kind + "List", "apiVersion": gv.Group + "/" + gv.Version,
			"metadata": object{"resourceVersion": "1"}, "items": []any{},
		}
		answers["/openapi/v3"+base] = openAPIV3(gv)
		paths["apis/"+gv.Group+"/"+gv.Version] = object{"serverRelativeURL": "/openapi/v3" + base + "?hash=1"}
		answers["/apis/"+gv.Group] = apiGroup(gv.Group, served)
	}
	answers["/apis"] = object{"kind": "APIGroupList", "apiVersion": "v1", "groups": apiGroups(served)}
	answers["/openapi/v3"] = object{"paths": paths}
	answers["/openapi/v2"] = openAPIV2(served)
	for _, path := range []string{"/healthz", "/livez", "/readyz"} {
		answers[path] = object{}
	}
	return answers
}

func answerHealthily(response http.ResponseWriter, request *http.Request, backend backendSpec, healthy map[string]object) {
	document, known := healthy[request.URL.Path]
	if !known {
		http.NotFound(response, request)
		return
	}
	if len(document) == 0 {
		_, _ = response.Write([]byte("ok"))
		return
	}
	contentType := "application/json"
	if request.URL.Path == "/apis" && accepts(request, "v2") {
		document, contentType = aggregatedDiscovery(backend.GroupVersions), aggregatedType
	}
	response.Header().Set("Content-Type", contentType)
	_ = json.NewEncoder(response).Encode(document)
}

func accepts(request *http.Request, version string) bool {
	for _, offer := range strings.Split(request.Header.Get("Accept"), ",") {
		parameters := strings.Split(strings.ReplaceAll(offer, " ", ""), ";")
		wanted := map[string]bool{"g=apidiscovery.k8s.io": true, "v=" + version: true, "as=APIGroupDiscoveryList": true}
		for _, parameter := range parameters[1:] {
			delete(wanted, parameter)
		}
		if len(wanted) == 0 {
			return true
		}
	}
	return false
}

func resourceList(gv groupVersion) object {
	return object{
		"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": gv.Group + "/" + gv.Version,
		"resources": []object{{
			"name": gv.Resource, "singularName": strings.ToLower(gv.Kind), "namespaced": false, "kind": gv.Kind,
			"verbs": []string{"get", "list"},
		}},
	}
}

func apiGroup(group string, served []groupVersion) object {
	versions := []object{}
	for _, gv := range served {
		if gv.Group == group {
			versions = append(versions, object{"groupVersion": gv.Group + "/" + gv.Version, "version": gv.Version})
		}
	}
	return object{
		"kind": "APIGroup", "apiVersion": "v1", "name": group, "versions": versions, "preferredVersion": versions[0],
	}
}

func apiGroups(served []groupVersion) []object {
	seen := map[string]bool{}
	groups := []object{}
	for _, gv := range served {
		if !seen[gv.Group] {
			seen[gv.Group] = true
			group := apiGroup(gv.Group, served)
			delete(group, "kind")
			delete(group, "apiVersion")
			groups = append(groups, group)
		}
	}
	return groups
}

func aggregatedDiscovery(served []groupVersion) object {
	items := []object{}
	for _, group := range apiGroups(served) {
		name := group["name"].(string)
		items = append(items, object{"metadata": object{"name": name}, "versions": aggregatedVersions(name, served)})
	}
	return object{
		"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": object{}, "items": items,
	}
}

func aggregatedVersions(group string, served []groupVersion) []object {
	versions := []object{}
	for _, gv := range served {
		if gv.Group == group {
			versions = append(versions, object{
				"version": gv.Version, "freshness": "Current",
				"resources": []object{{
					"resource": gv.Resource, "singularResource": strings.ToLower(gv.Kind), "scope": "Cluster",
					"verbs":        []string{"get", "list"},
					"responseKind": object{"group": gv.Group, "version": gv.Version, "kind": gv.Kind},
				}},
			})
		}
	}
	return versions
}

func openAPIV3(gv groupVersion) object {
	return object{
		"openapi": "3.0.0", "info": object{"title": gv.Group, "version": gv.Version},
		"paths": object{"/apis/" + gv.Group + "/" + gv.Version + "/" + gv.Resource: object{"get": object{
			"operationId": "list" + gv.Kind, "responses": object{"200": object{"description": "OK"}},
		}}},
	}
}

func openAPIV2(served []groupVersion) object {
	paths := object{}
	for _, gv := range served {
		paths["/apis/"+gv.Group+"/"+gv.Version+"/"+gv.Resource] = object{"get": object{
			"operationId": "list" + gv.Kind, "produces": []string{"application/json"},
			"responses": object{"200": object{"description": "OK"}},
		}}
	}
	return object{"swagger": "2.0", "info": object{"title": "misbehaving-server", "version": "v1"}, "paths": paths}
}
