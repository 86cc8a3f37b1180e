module example.com/kubectl-aa-lab/misbehaving-server

go 1.26.0
