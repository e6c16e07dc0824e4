//! Runs every function as template.yaml wires it, in one process
