module openchronic-server/pause

go 1.25.0
