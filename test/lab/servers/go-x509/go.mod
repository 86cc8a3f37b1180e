module kubectl-aa/test/lab/servers/go-x509

go 1.26
