"""Files by which the example is run elsewhere: an image, a compose project, a kustomization."""
