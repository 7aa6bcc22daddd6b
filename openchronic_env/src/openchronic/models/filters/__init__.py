"""Filters: named rules, each in the steps where it holds, and their switches."""
