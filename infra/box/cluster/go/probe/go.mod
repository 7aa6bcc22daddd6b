module openchronic-server/probe

go 1.25.0
