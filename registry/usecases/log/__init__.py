"""The access log's trees: integrated, published, read, proved and witnessed."""
