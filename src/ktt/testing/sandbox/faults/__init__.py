"""The faults that a sandbox can be told to make, the recorder of its requests, and the endpoint that controls both."""
