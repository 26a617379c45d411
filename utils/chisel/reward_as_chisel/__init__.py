"""Chapter "Reward is a chisel": a maze agent, what it learned to pursue, and how to predict and edit that."""
