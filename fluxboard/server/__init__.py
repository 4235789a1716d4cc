"""What stands between the network and the pages: connections, bodies, host names, headers of every answer."""
