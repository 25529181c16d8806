"""What several targets share: covariance structures as kernels know them."""
