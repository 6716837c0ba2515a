"""`jpeg`: the tables by which `runtime.payloads.jpeg` codes JPEG files anew."""
